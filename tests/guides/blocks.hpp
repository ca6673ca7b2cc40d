#pragma once
#include <string>
#include <vector>

namespace ravel::test {

// A fenced block of Markdown: ```LANGUAGE WORD, its lines, and where it begins.
struct block {
  std::string language, word, text;
  int line;
};

std::vector<block> blocks_of(const std::string& markdown);

// Whether each line of `expected` is in `text`, in that order; "..." in a line stands for anything. "" or the line that is not.
std::string first_line_missing(const std::string& expected, const std::string& text);

}  // namespace ravel::test
