#pragma once
#include <cstddef>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// Where findings go. Thread-safe; reports never interleave. Reads the process's options.

// Numbers and prints the finding, unless a report of the same two places was printed before or a suppression matches. With
// halt_on_error the process ends here.
void submit(finding f);

std::size_t submitted();  // reports printed so far

// Last words of the process: how many races; ends it with `exitcode` when there were any, else returns.
void finish();

}  // namespace ravel::detector::report
