// A real library: Boost.Regex searches one text with one expression, in four goroutines that share both.
#include <boost/regex.hpp>

#include <string>

#include "concurrent.hpp"

namespace {

constexpr int workers = 4;

std::string make_log() {
  xorshift random(4);
  std::string text;
  for (int line = 0; line < 12000; ++line) {
    const auto n = [&](std::uint64_t below) { return std::to_string(random.next() % below); };
    text += "2026-11-" + n(30) + " host" + n(50) + " user" + n(900) + "@example" + n(9) + ".org GET /path/" + n(100000) + " took " + n(3000) + " ms\n";
  }
  return text;
}

}  // namespace

int main() {
  const std::string text = make_log();
  const boost::regex mail("[a-z]+[0-9]+@([a-z0-9]+)\\.org (GET|PUT) /[a-z]+/([0-9]+) took [1-9][0-9][0-9] ms");
  std::uint64_t sums[workers] = {};
  conc::wait_group all;
  for (int w = 0; w < workers; ++w) {
    all.go([&, w] {
      boost::sregex_iterator end;
      for (boost::sregex_iterator m(text.begin(), text.end(), mail); m != end; ++m) sums[w] += 1 + static_cast<std::uint64_t>((*m)[3].length());
    });
  }
  all.wait();
  std::uint64_t sum = 0;
  for (auto s : sums) sum += s;
  return print_checksum(sum);
}
