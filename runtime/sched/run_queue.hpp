#pragma once
// A processor's queue of runnable goroutines: a ring of 256. Its owner puts and takes; thieves take half from the same end.
// Go runtime/proc.go runqput, runqget, runqgrab.
//
// Invariants: head <= tail < head + 257 (mod 2^32); slots [head, tail) hold goroutines owned by this queue; only the owner writes tail.

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "runtime/include/ravel/detail/alone.hpp"
#include "runtime/sched/goroutine.hpp"

namespace ravel::sched {

class run_queue {
 public:
  static constexpr std::uint32_t capacity = 256;

  bool push(goroutine* g) {  // owner; false: full
    const std::uint32_t h = head_.load(std::memory_order_acquire);
    const std::uint32_t t = tail_.load(std::memory_order_relaxed);
    if (t - h == capacity) return false;
    slot_[t % capacity].store(g, std::memory_order_relaxed);
    tail_.store(t + 1, std::memory_order_release);
    return true;
  }

  // Owner. Up to `most` of the oldest at once; returns how many.
  std::uint32_t pop_many(goroutine** out, std::uint32_t most) {
    for (;;) {
      std::uint32_t h = head_.load(std::memory_order_acquire);
      const std::uint32_t n = std::min(tail_.load(std::memory_order_relaxed) - h, most);
      for (std::uint32_t i = 0; i < n; ++i) out[i] = slot_[(h + i) % capacity].load(std::memory_order_relaxed);
      if (n == 0 || detail::replace_in(head_, h, h + n, std::memory_order_acq_rel)) return n;
    }
  }

  goroutine* pop() {  // owner
    for (;;) {
      std::uint32_t h = head_.load(std::memory_order_acquire);
      if (h == tail_.load(std::memory_order_relaxed)) return nullptr;
      goroutine* g = slot_[h % capacity].load(std::memory_order_relaxed);
      if (!detail::replace_in(head_, h, h + 1, std::memory_order_acq_rel)) continue;
      // Each goroutine is on a page of its own: with many of them this is where their cache and TLB misses are hidden.
      __builtin_prefetch(slot_[(h + 2) % capacity].load(std::memory_order_relaxed));
      return g;
    }
  }

  // Moves half of `from` here and returns one of them; null when there is nothing. Called by the owner of this queue, which is empty.
  goroutine* steal_half(run_queue& from) {
    for (;;) {
      std::uint32_t h = from.head_.load(std::memory_order_acquire);
      const std::uint32_t n = from.tail_.load(std::memory_order_acquire) - h;
      const std::uint32_t half = n - n / 2;
      if (half == 0) return nullptr;
      if (half > capacity / 2) continue;  // head and tail were read apart
      const std::uint32_t t = tail_.load(std::memory_order_relaxed);
      for (std::uint32_t i = 0; i < half; ++i) {
        slot_[(t + i) % capacity].store(from.slot_[(h + i) % capacity].load(std::memory_order_relaxed), std::memory_order_relaxed);
      }
      if (!from.head_.compare_exchange_strong(h, h + half, std::memory_order_acq_rel)) continue;
      tail_.store(t + half - 1, std::memory_order_release);
      return slot_[(t + half - 1) % capacity].load(std::memory_order_relaxed);
    }
  }

  std::uint32_t size() const { return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_acquire); }
  bool empty() const { return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_acquire); }

 private:
  std::atomic<std::uint32_t> head_{0}, tail_{0};
  std::atomic<goroutine*> slot_[capacity] = {};
};

}  // namespace ravel::sched
