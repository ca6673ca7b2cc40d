#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// Reports that somebody has looked at and does not want to see again. A file in ThreadSanitizer's syntax: lines `race:PATTERN`, `#` begins
// a comment. PATTERN matches anywhere in a function, file or variable of either access; `*` stands for anything, `^` and `$` anchor it.
// `deadlock:`, `leak:`, `lock_order:` and `misuse:` leave out what the checks find: PATTERN is looked for in the stacks of all goroutines of
// the report, or is the id of the condition, as C24.
class suppression_list {
 public:
  // Returns "" or what is wrong, with file and line.
  std::string load(const std::string& path);
  std::string parse(std::string_view text, const std::string& path);

  bool matches(const finding& f);  // counts the match

  // One line per suppression that matched, or that never did.
  std::string describe_used() const;
  std::string describe_unused() const;

 private:
  struct entry { std::string about; std::string pattern; std::size_t line; std::size_t matched; };
  std::vector<entry> entries_;
  std::string path_;
};

bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace ravel::detector::report
