#pragma once
// Timers of one processor: a heap by deadline. What a timer does lies above the scheduler; here it is a deadline and a function.
//
// Invariants: an entry is live while its generation is its timer's; a dead one stays until it comes to the top or the dead are the most
// (deletion is lazy). `live` counts live entries and those taken out whose goroutine is not runnable yet: while it is not zero
// somebody may still be woken, so nothing looks like a deadlock. The heap's lock is a leaf but for the memory allocator's: nothing is fired
// under it. Timers of a processor that is busy or idle are served by whichever machine looks for work.

#include <atomic>
#include <cstdint>
#include <limits>
#include <vector>

#include "runtime/sched/futex.hpp"

namespace ravel::sched {

struct goroutine;

// Base of what a room above puts into a heap.
struct timer_base {
  std::atomic<std::uint64_t> generation{0};  // grows when the timer is stopped, set again or fires: older entries are then dead
  // Deadline reached, called without locks. Looks at the generation again under the timer's own lock; a live entry is given back
  // with timer_heap::finished once what it wakes is runnable.
  void (*due)(timer_base& t, std::uint64_t generation, class timer_heap& heap) = nullptr;
  void (*drop)(timer_base& t) = nullptr;     // an entry is gone: its reference to the timer
  void (*cancel)(timer_base& t) = nullptr;   // as if its owner had stopped it
  bool periodic = false;                     // fires again and again, and wakes nobody while its channel is full
};

class timer_heap {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  std::int64_t next() const { return next_.load(std::memory_order_relaxed); }
  bool any_live() const { return live_.load(std::memory_order_seq_cst) != 0; }

  void add(std::int64_t when, timer_base& t, std::uint64_t generation);
  void add_sleeper(std::int64_t when, goroutine& g);  // g is parked
  void stopped() noexcept;                            // a live entry has become dead
  void finished() noexcept { live_.fetch_sub(1, std::memory_order_seq_cst); }

  bool run_due(std::int64_t now);                     // true: something was due
  void visit_timers(void* context, void (*visit)(void* context, const void* timer));

  // For controlled runs, which have a heap to themselves.
  bool fire_one(std::int64_t now, std::uint32_t (*choose)(std::uint32_t n));  // one of those that are due; false: none is
  void fire_this(const void* timer, const goroutine* sleeper, std::int64_t& now);  // one of the two, before its time; nothing when it is not there
  std::int64_t next_for_somebody();                   // the first deadline that is not of a periodic timer
  void clear();                                       // cancels all timers and forgets sleepers

 private:
  struct entry {
    std::int64_t when;
    std::uintptr_t what;     // timer_base, or goroutine with the lowest bit set
    std::uint64_t generation;
    bool dead() const;
  };

  void fire(const entry& e);
  void add_entry(const entry& e);
  void push_locked(const entry& e);
  entry pop_locked();
  void sift_down_locked(std::size_t i);
  void show_next_locked() { next_.store(heap_.empty() ? never : heap_[0].when, std::memory_order_seq_cst); }

  os_lock lock_;
  std::vector<entry> heap_;                     // 4-ary
  std::vector<timer_base*> gone_;               // empty; room for the next sweep
  std::atomic<std::int64_t> next_{never};       // deadline at the top
  std::atomic<std::int64_t> live_{0};
  std::atomic<std::int64_t> dead_{0};           // about; decides when to sweep
};

// Of the monotonic clock, nanoseconds.
// Virtual in a controlled run; real_now_ns never.
std::int64_t now_ns() noexcept;
std::int64_t real_now_ns() noexcept;
std::int64_t read_clock() noexcept;  // the same as now_ns, for the program: a loop that reads it until a moment comes makes virtual time pass

// The heap a new timer of this thread goes to.
timer_heap& timers_here();

// After adding to timers_here(): somebody must be awake at that time. Cheap on a processor, which looks itself before it idles.
void note_timer_added();

void sleep_until(std::int64_t when);

}  // namespace ravel::sched
