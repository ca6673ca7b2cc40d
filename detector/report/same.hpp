#pragma once
#include <string>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// Which two places raced, either way round, or which condition was met where: equal for two findings a reader would call the same.
std::string key_of(const finding& f);

}  // namespace ravel::detector::report
