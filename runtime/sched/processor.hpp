#pragma once
// P: the right to run goroutines, and what goes with it. Private to sched/.
//
// Invariants: a processor is held by one machine, lent while that machine is in blocking(), or in the idle list. Only the holder touches
// the fields above the line, counts tick and slices, and pushes to the queue; the others are for all.

#include <atomic>
#include <cstdint>

#include "runtime/sched/goroutine.hpp"
#include "runtime/sched/run_queue.hpp"
#include "runtime/sched/timers.hpp"

namespace ravel::sched {

inline constexpr int most_processors = 1024;

struct machine;

struct alignas(64) processor {
  int id = 0;
  goroutine* resting = nullptr;            // dead goroutines with their stacks, newest first
  std::size_t resting_count = 0;
  std::size_t fresh_batch = 1;             // new slots it was given last at a time
  std::uint64_t next_id = 0, end_id = 0;   // ids for goroutines it creates
  processor* idle_next = nullptr;          // global.lock
  // ----
  std::atomic<goroutine*> next{nullptr};   // runs before the queue: the one just made ready, so that hand-offs stay hot
  run_queue queue;
  timer_heap timers;
  std::atomic<std::uint32_t> tick{0};      // switches, hand-offs among them
  std::atomic<std::uint32_t> slices{0};    // goroutines it has begun to run; a hand-off through `next` goes on in the same slice
  std::atomic<std::int64_t> goroutines{0}; // created minus ended here
  std::atomic<machine*> holder{nullptr};
  std::atomic<machine*> lender{nullptr};   // while lent: the machine in blocking(); who changes it to null has the processor
  std::atomic<std::uint32_t> loans{0};     // how often it was lent
  // While positive, a goroutine made ready goes into the queue, where a machine that searches finds it at once, and wakes one: the monitor saw
  // `next` wait behind a goroutine that computes, so what looks like hand-offs are stages that should run at the same time.
  std::atomic<int> eager{0};

  // The holder's: no other writes these.
  static std::uint32_t count(std::atomic<std::uint32_t>& n) {
    const std::uint32_t now = n.load(std::memory_order_relaxed) + 1;
    n.store(now, std::memory_order_relaxed);
    return now;
  }

  bool has_work() const { return next.load(std::memory_order_relaxed) != nullptr || !queue.empty(); }
};

}  // namespace ravel::sched
