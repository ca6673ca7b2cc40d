#pragma once
#include "tests/programs/program.hpp"

namespace programs {

// What f starts and drops is out of main's reach when it returns: its frame is gone, and what it left below on the stack is overwritten,
// which later frames might else take over by chance.
template <class F>
[[gnu::noinline]] void run_apart(F& f) { f(); }
[[gnu::noinline]] inline void overwrite_stack() {
  unsigned char below[16384];
  std::memset(below, 0, sizeof below);
  keep(below);
}
template <class F>
void in_a_frame_of_its_own(F f) {
  run_apart(f);
  overwrite_stack();
}

// Main stands still until something has been reported, however slow the machine is; program.hpp ends a case that waits in vain.
inline void until_reported() {
  while (ravel::race::errors() == 0) ravel::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace programs
