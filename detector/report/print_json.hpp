#pragma once
#include <string>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// The finding as one line of JSON; README.md here describes the fields. "ravel_report" is the version of the schema.
std::string print_json(const finding& f);

// A line that says which program begins to write into the file, and one of an exploration as a whole.
std::string print_json_of_program(const std::string& program);
std::string print_json(const exploration& e);

}  // namespace ravel::detector::report
