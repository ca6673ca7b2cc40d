#pragma once
#include <string>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// A C++ name as people say it: std::string for its template, no default allocators and deleters, no inline namespaces of Ravel's or the library's.
std::string short_name(std::string name);

// A frame inside the C++ library's headers.
bool is_library_frame(const frame& f);

}  // namespace ravel::detector::report
