#include "tests/examples/examples.hpp"

#include <fstream>
#include <stdexcept>

namespace ravel::test {

const std::vector<example>& examples() {
  static const std::vector<example> all{
      {"bank", {"balance_", "vault.balance_"}, "at noon: \\d+\nat closing time: 10000\n", "at noon: \\d+\nat closing time: 10000\n"},
      {"counter", {"inside"}, "196830 points, so pi is about 3\\.14928\n", "\\d+ points, so pi is about [0-9.]+\n"},
      {"ping_pong", {"b->hits"}, "ping 1 3 5 7 9\npong 2 4 6 8 10\n", "ping( \\d+){5}\npong( \\d+){5}\n"},
      {"prime_sieve",
       {"prime"},
       "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71 73 79 83 89 97 \n",
       "2 3 (\\d+ )+\n"},
      {"pipeline",
       {"numbers[]", "buffer[]"},
       "the squares of 1 to 1000 add up to 333833500\n",
       "the squares of 1 to 1000 add up to \\d+\n"},
      {"worker_pool",
       {"steps[]"},
       "the longest Collatz sequence that starts below 300 takes 127 steps\n",
       "the longest Collatz sequence that starts below 300 takes \\d+ steps\n"},
      {"rate_limiter", {"served"}, "served 8 of 8 requests\n", "served \\d of 8 requests\n"},
      {"publish_subscribe",
       {"piece->readers"},
       "3 read: rain in the evening\n2 read: late goal decides the cup\n",
       "\\d read: rain in the evening\n\\d read: late goal decides the cup\n"},
      {"merge_sort", {"inversions"}, "sorted, there were 15648 inversions\n", "sorted, there were \\d+ inversions\n"},
      {"word_count", {"total"}, "(\\d+ [a-z]+\n){10}\\d+ words in \\d+ files\n", "(\\d+ [a-z]+\n){10}\\d+ words in \\d+ files\n"},
  };
  return all;
}

std::set<int> racing_lines(const example& e) {
  std::ifstream source(RAVEL_EXAMPLES "/" + e.name + "/" + e.name + ".cpp");
  std::set<int> lines;
  std::string text;
  for (int line = 1; std::getline(source, text); ++line) {
    if (text.ends_with("// races")) lines.insert(line);
  }
  if (lines.empty()) throw std::runtime_error(e.name + ".cpp marks no line as racing");
  return lines;
}

outcome run(const std::string& program, variant v, int processors, const std::string& arguments) {
  static const scratch_folder folder;
  const std::string file = std::string(RAVEL_BUILT_EXAMPLES) + (v == variant::race ? "/race/" : "/plain/") + program;
  return folder.run("RAVEL_OPTIONS=log_format=json RAVEL_MAXPROCS=" + std::to_string(processors) + " '" + file + "' " + arguments);
}

}  // namespace ravel::test
