#pragma once
// Printers for other programs and for the browser: pure functions of a report file (html reads source files through `sources`).

#include <stdexcept>
#include <string>

#include "detector/report/report.hpp"
#include "detector/report/source_text.hpp"

namespace ravel::detector::report {

// What the file has nothing of: one line with a remedy.
struct not_in_report : std::runtime_error {
  using runtime_error::runtime_error;
};

// Paths below `root` are written relative to it, so that a report of one machine fits the repository on another. "": as they are.

// SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/: the two accesses of a race are two thread flows.
std::string print_sarif(const report_file& file, const std::string& root);

// JUnit XML: each finding is a failed test case, no finding one that passed.
std::string print_junit(const report_file& file, const std::string& root, source_text& sources);

// Workflow commands of GitHub Actions: at most ten annotations, as many as it shows of a step; the rest are counted.
std::string print_github(const report_file& file, const std::string& root);

// One page that needs nothing else.
std::string print_html(const report_file& file, const std::string& root, source_text& sources);

// The first finding that has a schedule, as Chrome's trace events (also for Perfetto), a step being a microsecond; as ShiViz' log with vector
// clocks. Of a program that ran in parallel, what is known of the order in the first finding. Throw not_in_report when there is none.
std::string print_perfetto(const report_file& file);
std::string print_shiviz(const report_file& file);

}  // namespace ravel::detector::report
