#pragma once
// What each example must print, and the race that is planted in it.

#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "tests/support/command.hpp"

namespace ravel::test {

struct example {
  std::string name;
  std::set<std::string> variables;  // what the two accesses may be called: words of the source
  std::string output;               // regular expression: what the fixed twin prints
  std::string racy_output;          // and the racy program, whose figures may be wrong
};

inline void PrintTo(const example& e, std::ostream* out) { *out << e.name; }  // GoogleTest's, in the names that ctest shows

const std::vector<example>& examples();

// The lines of the racy program that bear the comment "// races".
std::set<int> racing_lines(const example& e);

enum class variant { plain, race };

// `program` without arguments, as a stranger starts it, but with reports as JSON on stderr.
outcome run(const std::string& program, variant v, int processors, const std::string& arguments = "");

}  // namespace ravel::test
