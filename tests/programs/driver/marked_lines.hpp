#pragma once
#include <set>
#include <string>

namespace programs {

// Lines on which a race of the case that begins on `line` of `source` may be reported: those that end with "// races" inside the case, and
// those outside all cases (helpers).
struct marked_lines {
  std::set<int> of_case;
  std::set<int> of_helpers;

  bool empty() const { return of_case.empty() && of_helpers.empty(); }
  bool contains(int line) const { return of_case.contains(line) || of_helpers.contains(line); }
};

marked_lines find_marked_lines(const std::string& source, int line);

}  // namespace programs
