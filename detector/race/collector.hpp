#pragma once
// Takes back the histories that no tag names any more.
//
// Mark and sweep, beside the running program. Roots are the tags of resident shadow memory and all states of segments that were present
// at some moment of the collection: new tags only ever name the present segment of the goroutine that writes them, so what is neither in
// shadow when it is scanned nor of such a segment can never be named again. Nothing moves: tags keep their meaning.
//
// Invariants: a transition in progress is waited for (it holds nodes that nothing names yet); everything allocated during a collection
// survives it; memo lines of before are dead after it (`collections` has changed), because tags are reused.

#include <atomic>

#include "detector/race/thread_state.hpp"

namespace ravel::detector {

// Brackets a transition. The collector waits for those that began before it.
class recording_guard {
 public:
  recording_guard() noexcept;
  ~recording_guard();
};

void collect_if_due();   // no block may be locked by this thread unless it called from outside a range
std::size_t collect();   // now; returns how many histories live

}  // namespace ravel::detector
