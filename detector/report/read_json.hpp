#pragma once
#include <istream>
#include <stdexcept>
#include <string>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// One line that names file, line and remedy.
struct unreadable : std::runtime_error {
  using runtime_error::runtime_error;
};

// What print_json and its like have written, a line each; `name` is the file's. Fields and kinds of lines it does not know are passed over,
// so that a newer writer of the same version can be read. A last line that the writer did not finish is left out, and `note` says so. Findings
// that a reader would call the same come once, the first. Throws unreadable for anything else.
report_file read_json(std::istream& in, const std::string& name);

}  // namespace ravel::detector::report
