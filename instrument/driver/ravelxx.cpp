// ravel++: clang++ with Ravel's flags. -race at compile and link builds for the race detector; all other words are clang++'s.
//
// Exit status: clang++'s own when a compilation or link fails; 2, after one line, when the command line or the installation is wrong.

#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "flags.hpp"
#include "instrument/driver/command_line.hpp"
#include "instrument/driver/installation.hpp"
#include "instrument/driver/own_options.hpp"
#include "instrument/driver/run.hpp"

namespace {

using namespace ravel::driver;

constexpr int bad_usage = 2;

void print_help() {
  std::puts("usage: ravel++ [-race] [clang++ options] files\n\nCompiles and links C++20 programs that use Ravel. Takes every option of clang++.\n");
  for (const own_option& o : own_options) std::printf("  %-11s %s\n", o.name, o.sentence);
  std::puts("\nEnvironment:");
  for (const own_option& o : own_environment) std::printf("  %-14s %s\n", o.name, o.sentence);
  std::puts("\n  ravel++ -race bank.cpp -o bank && ./bank");
}

int complain(const std::string& reason) {
  std::fprintf(stderr, "ravel++: %s\n", reason.c_str());
  return bad_usage;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

template <class List>
void add_flags(std::vector<std::string>& words, const List& flags, const std::string& prefix) {
  for (std::string flag : flags) {
    replace_all(flag, "@LIB@/../..", prefix);
    replace_all(flag, "@LIB@/..", prefix + "/lib");
    replace_all(flag, "@LIB@", prefix + "/lib/ravel");
    words.push_back(std::move(flag));
  }
}

std::vector<std::string> clang_command(const command_line& c, const installation& i) {
  std::vector<std::string> words{i.compiler};
  // Ours first, so that the user's decide; libraries last, since they serve what stands before them.
  if (!c.names_standard && !c.names_other_language) words.emplace_back("-std=c++20");
  if (c.race && !c.names_debug_level) words.emplace_back("-g");
  if (c.race) add_flags(words, race_compile_flags, i.prefix);
  else add_flags(words, compile_flags, i.prefix);
  words.insert(words.end(), c.passed_on.begin(), c.passed_on.end());
  if (c.links && !c.shared) {
    if (c.race) add_flags(words, race_link_inputs, i.prefix);
    else add_flags(words, link_inputs, i.prefix);
  }
  return words;
}

int build(const command_line& c) {
  const installation i = find_installation(c.race);
  // Before the linker, which would say it in a hundred lines.
  if (c.links && !c.shared) {
    if (const std::string mixed = find_mixed_object(c.inputs, c.race); !mixed.empty()) return complain(mixed);
  }
  const std::vector<std::string> words = clang_command(c, i);
  const int status = run(words);
  if (status == 0) return 0;
  // With -### clang++ only reads its command line: when that fails too, the line was wrong, not the program.
  std::vector<std::string> question = words;
  question.insert(question.begin() + 1, "-###");
  return c.inputs.empty() || run(question, true) != 0 ? bad_usage : status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const command_line c = parse(argc, argv);
    if (c.help) {
      print_help();
      return 0;
    }
    if (c.version) {
      std::printf("ravel++ %s, over:\n", version);
      std::fflush(stdout);
    }
    if (argc == 1) return complain("no input files; try: ravel++ -race bank.cpp -o bank");
    return build(c);
  } catch (const rejected& r) {
    return complain(r.reason);
  } catch (const std::system_error& e) {
    return complain(e.what());
  }
}
