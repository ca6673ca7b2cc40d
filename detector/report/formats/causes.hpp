#pragma once
// What in a schedule comes before what, for diagrams of other programs.

#include <string>
#include <vector>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

struct cause {
  std::size_t from, to;  // indices of steps, of different goroutines; from < to
  const char* why;       // "starts", "wakes", "same object"
};

// Starting, waking, and for each object the steps that do not commute, each with the last one before it: with the order of each goroutine's own
// steps their closure is the partial order of the schedule.
std::vector<cause> causes_of(const schedule& h);

std::string says(const schedule& h, const schedule_step& s);  // "mutex_lock mutex 1"

// Of the first finding that has one, else what is known of the order in the first; throws not_in_report when there is none.
schedule first_schedule(const report_file& file);

}  // namespace ravel::detector::report
