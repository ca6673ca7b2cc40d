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

inline constexpr std::uint32_t recording_slots = 256;
RAVEL_COLD std::atomic<std::uint32_t>* claim_recording_slot() noexcept;

// Brackets a transition, from before its block is locked: the collector waits for those that began before it. The locked instruction that
// takes the block orders the note in the slot before everything the transition reads.
class recording_guard {
 public:
  [[gnu::always_inline]] recording_guard() noexcept : slot_(this_thread.slot) {
    if (__builtin_expect(slot_ == nullptr, 0)) slot_ = claim_recording_slot();
    if (__builtin_expect(this_thread.shares_slot, 0)) slot_->fetch_add(1, std::memory_order_relaxed);
    else slot_->store(slot_->load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  [[gnu::always_inline]] ~recording_guard() {
    if (__builtin_expect(this_thread.shares_slot, 0)) slot_->fetch_sub(1, std::memory_order_release);
    else slot_->store(slot_->load(std::memory_order_relaxed) - 1, std::memory_order_release);
  }
  recording_guard(const recording_guard&) = delete;
  recording_guard& operator=(const recording_guard&) = delete;

 private:
  std::atomic<std::uint32_t>* slot_;
};

// The kernel can make all threads of this process pass a barrier (membarrier), and the collector does before it looks at their slots.
extern bool collector_makes_barriers;

bool collection_is_due() noexcept;
void collect_if_due();   // no block may be locked by this thread unless it called from outside a range
std::size_t collect();   // now; returns how many histories live

}  // namespace ravel::detector
