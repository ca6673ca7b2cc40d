#pragma once
#include <string>

namespace ravel::detector::record {

// With RAVEL_OPTIONS=record=FILE: from the beginning of main the order of operations is written there. Called once, at start-up; ends the
// process with one line and status 2 when the file cannot be written. Not in a process that runs schedules.
void start_recording(const std::string& program);

}  // namespace ravel::detector::record
