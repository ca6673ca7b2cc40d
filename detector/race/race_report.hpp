#pragma once
// A conflict becomes a report: stacks symbolised, the location named, the sentence why nothing orders the two.

#include <cstddef>
#include <string>
#include <vector>

#include "detector/race/thread_state.hpp"
#include "detector/report/report.hpp"

namespace ravel::detector {

void report_race(const pending_race& race);   // unless the pair was reported before or is suppressed

// Parts of a finding that checks of misuse describe alike.
report::goroutine readable_goroutine(goroutine_index index);
std::vector<report::held_lock> readable_locks(lock_set_id id);
std::string program_path();

std::size_t race_count();

// At the end of the program: summary, exit status. Does not return when the status must change.
void finish_reports();

}  // namespace ravel::detector
