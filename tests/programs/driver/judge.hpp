#pragma once
// Did a run do what the case's name promises?

#include <string>

#include "tests/programs/driver/case_list.hpp"
#include "tests/programs/driver/process.hpp"

namespace programs {

enum class verdict_kind {
  as_expected,
  missed,        // a race that was not reported
  false_alarm,   // a report where there is no race
  bad_report,    // a race was reported, but not where it is, or without a stack
  wrong_end,     // another exit status or message
};

struct verdict {
  verdict_kind kind = verdict_kind::as_expected;
  std::string why;  // for people; with the reports
};

// `o` is a run with log_format=json:log_path=stdout.
verdict judge(const case_name& c, const outcome& o);

}  // namespace programs
