#pragma once
// Brackets a change of the locks that a goroutine holds: looking the new set up, and writing it where the collector looks for it.
// The note in the thread's slot has to come before what the table is asked. A transition has the locked instruction of its block for that; here
// the collector makes all threads pass a barrier instead (a fence in each change made a mutex pair a third slower).

#include <atomic>

#include "detector/race/collector.hpp"

namespace ravel::detector {

class set_guard {
 public:
  set_guard() noexcept {
    if (__builtin_expect(collector_makes_barriers, 1)) std::atomic_signal_fence(std::memory_order_seq_cst);
    else std::atomic_thread_fence(std::memory_order_seq_cst);
  }

 private:
  recording_guard guard_;
};

}  // namespace ravel::detector
