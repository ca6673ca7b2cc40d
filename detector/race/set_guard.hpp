#pragma once
// Brackets a change of the locks that a goroutine holds: looking the new set up, and writing it where the collector looks for it.
// The fence orders the note in the thread's slot before what the table is asked, as the locked instruction of a block does for a transition.

#include <atomic>

#include "detector/race/collector.hpp"

namespace ravel::detector {

class set_guard {
 public:
  set_guard() noexcept { std::atomic_thread_fence(std::memory_order_seq_cst); }

 private:
  recording_guard guard_;
};

}  // namespace ravel::detector
