#pragma once
// One direction of a descriptor, reading or writing: who waits for it, and its deadline. Private to netpoll/.
//
// Invariants: `word_` is `nobody`, `news` (an edge came that nobody has consumed yet) or the parked goroutine, which whoever takes it out of the
// word must make ready. At most one goroutine waits a side; descriptor's lock of the side sees to that.
// The deadline's timer is armed by who waits, no earlier, and left armed when the deadline moves on: it finds out when it fires. So a deadline
// that is set anew for every message costs a store. `armed_` is when the timer will fire, at or before the deadline while somebody waits:
// a waiter sets `waiting_` before it reads the deadline, who changes the deadline sets it before reading `waiting_`.
// Sides are never freed, only used again (watched.cpp): a late event or timer finds one that exists, and another generation.

#include <atomic>
#include <cstdint>

#include "runtime/sched/poller.hpp"
#include "runtime/sched/scheduler.hpp"
#include "runtime/sched/spin_lock.hpp"
#include "runtime/sched/timers.hpp"

namespace ravel::netpoll {

inline constexpr std::int64_t no_deadline = sched::timer_heap::never;

class side : sched::timer_base {
 public:
  side();

  void reset() noexcept;                      // for a new descriptor

  bool has_news() const noexcept { return word_.load(std::memory_order_relaxed) == news; }
  void wait();                                // until an edge, wake() or the deadline; returns at once when an edge came before
  void wake() noexcept;                       // an edge; or who waits must look again, since it is closed or overdue

  bool is_overdue() const noexcept {
    const std::int64_t deadline = deadline_.load(std::memory_order_relaxed);
    return deadline != no_deadline && deadline <= sched::now_ns();
  }
  void set_deadline(std::int64_t when);       // of the monotonic clock; whatever waits past it wakes
  void stop_timer() noexcept;

 private:
  static constexpr std::uintptr_t nobody = 0, news = 1;

  void arm();
  sched::timer_heap* disarm_locked() noexcept;    // the heap whose entry is dead now, or null; tell it so without guard_
  void fire(std::uint64_t generation, sched::timer_heap& heap);

  std::atomic<std::uintptr_t> word_{nobody};
  std::atomic<std::int64_t> deadline_{no_deadline};
  std::atomic<std::int64_t> armed_{no_deadline};  // written under guard_
  std::atomic<bool> waiting_{false};
  sched::spin_lock guard_;                        // guards the timer; a heap's lock and an object's above are taken under it, never the reverse
  sched::timer_heap* home_ = nullptr;             // where the live entry is
};

}  // namespace ravel::netpoll
