#pragma once
#include <string>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// The finding as one line of JSON; README.md here describes the fields. "ravel_report" is the version of the schema.
std::string print_json(const finding& f);

}  // namespace ravel::detector::report
