#pragma once
// A conflict becomes a report: stacks symbolised, the location named, the sentence why nothing orders the two.

#include <cstddef>

#include "detector/race/thread_state.hpp"

namespace ravel::detector {

void report_race(const pending_race& race);   // unless the pair was reported before or is suppressed

std::size_t race_count();

// At the end of the program: summary, exit status. Does not return when the status must change.
void finish_reports();

}  // namespace ravel::detector
