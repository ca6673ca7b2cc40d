#include "tests/guides/blocks.hpp"

#include <sstream>

namespace ravel::test {

std::vector<block> blocks_of(const std::string& markdown) {
  std::vector<block> all;
  std::istringstream in(markdown);
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      if (!inside) continue;
      block b{"", "", "", number};
      std::istringstream words(line.substr(3));
      words >> b.language >> b.word;
      all.push_back(b);
    } else if (inside) {
      all.back().text += line + "\n";
    }
  }
  return all;
}

std::string first_line_missing(const std::string& expected, const std::string& text) {
  std::istringstream in(expected);
  std::size_t at = 0;
  for (std::string line; std::getline(in, line);) {
    for (std::size_t begin = 0; begin < line.size();) {
      const std::size_t end = std::min(line.find("...", begin), line.size());
      const std::string part = line.substr(begin, end - begin);
      const std::size_t found = text.find(part, at);
      if (found == std::string::npos) return line;
      at = found + part.size();
      begin = end + 3;
    }
  }
  return "";
}

}  // namespace ravel::test
