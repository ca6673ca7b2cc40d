#include "tests/programs/driver/marked_lines.hpp"

#include <fstream>
#include <stdexcept>

namespace programs {

marked_lines find_marked_lines(const std::string& source, int line) {
  std::ifstream file(source);
  if (!file) throw std::runtime_error("cannot read " + source);
  marked_lines found;
  int inside = 0;  // line of the case that the current line is in, 0: none. A case ends with a brace in the first column.
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    if (text.starts_with("RAVEL_PROGRAM(")) inside = number;
    if (text.ends_with("// races")) {
      if (inside == line) found.of_case.insert(number);
      else if (inside == 0) found.of_helpers.insert(number);
    }
    if (text == "}") inside = 0;
  }
  return found;
}

}  // namespace programs
