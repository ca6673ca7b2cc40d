#pragma once
#include <string>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// A function's name as people say it: std::string for its template, no return type, no default allocators and deleters, no inline
// namespaces of Ravel's or the library's, main::{lambda#1}() for the call operator of a lambda.
std::string short_name(std::string name);

// A frame inside the C++ library's headers.
bool is_library_frame(const frame& f);

// The frame a reader calls the place of the access: his own code rather than the library's. Null for an empty stack.
const frame* own_frame(const stack& s);

}  // namespace ravel::detector::report
