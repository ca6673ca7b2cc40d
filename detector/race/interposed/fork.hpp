#pragma once

namespace ravel::detector {

// The child of a process with several threads has one, and whatever locks of the detector the others held stay locked: it is not
// checked any more. Such a child may do little before it calls exec, says POSIX; it may do that without an alarm and without a hang.
extern bool unchecked_process;

void watch_forks();  // once

}  // namespace ravel::detector
