#pragma once
#include <string>

#include "detector/report/report.hpp"
#include "detector/report/source_text.hpp"

namespace ravel::detector::report {

struct text_style {
  bool color = false;
  bool summary = true;
  std::string strip_prefix;  // of file names
};

// A report for people, in Go's shape with what Go leaves out: source lines, variable, heap block, locks, and why nothing orders the accesses.
// A function of its arguments and of the source files that `sources` reads.
std::string print_text(const finding& f, const text_style& style, source_text& sources);

}  // namespace ravel::detector::report
