#include "runtime/include/ravel/detail/mutex_core.hpp"

#include "runtime/sched/fatal.hpp"
#include "runtime/sched/timers.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

namespace {
constexpr std::int64_t patience = 1'000'000;  // ns, as Go's
}

void mutex_core::wait_turn(bool first, const void* object) {
  as_lock(guard_).lock();
  if (wakes_ != 0) {
    --wakes_;
    as_lock(guard_).unlock();
    return;
  }
  waiter w;
  w.g = &sched::current();
  if (first) push_front(waiters_, w);
  else push_back(waiters_, w);
  const leaves_list at_the_end(waiters_, w);
  sched::park(unlock_short, &guard_, hooks::wait_reason::mutex_lock, object);
}

void mutex_core::wake_one() {
  as_lock(guard_).lock();
  waiter* w = pop_front(waiters_);
  if (w == nullptr) ++wakes_;
  as_lock(guard_).unlock();
  if (w != nullptr) sched::ready(*w->g);
}

void mutex_core::lock_slow(const void* object) {
  std::int64_t since = 0;
  bool waited = false, starved = false, awake = false;
  std::uint32_t s = state_.load(std::memory_order_relaxed);
  for (int turn = 0;;) {
    if ((s & (locked | starving)) == locked && sched::worth_spinning(turn)) {
      // Tell the holder that somebody is awake, so that it wakes nobody.
      if (!awake && (s & woken) == 0 && s >= one_waiter &&
          state_.compare_exchange_strong(s, s | woken, std::memory_order_relaxed, std::memory_order_relaxed)) {
        awake = true;
      }
      // Longer each time: every look takes the line from the holder.
      for (int i = 0; i < 30 << turn; ++i) __builtin_ia32_pause();
      ++turn;
      s = state_.load(std::memory_order_relaxed);
      continue;
    }
    std::uint32_t want = s;
    if ((s & starving) == 0) want |= locked;
    if ((s & (locked | starving)) != 0) want += one_waiter;
    if (starved && (s & locked) != 0) want |= starving;
    if (awake) want &= ~woken;
    if (!state_.compare_exchange_strong(s, want, std::memory_order_acquire, std::memory_order_relaxed)) continue;
    if ((s & (locked | starving)) == 0) return;

    if (!waited) since = sched::now_ns();
    wait_turn(waited, object);
    waited = true;
    starved = starved || sched::now_ns() - since > patience;
    s = state_.load(std::memory_order_relaxed);
    if ((s & starving) != 0) {  // handed to this goroutine; the state does not say locked yet, and nobody can take it
      const bool mode_ends = !starved || s / one_waiter == 1;
      state_.fetch_add(locked - one_waiter - (mode_ends ? starving : 0), std::memory_order_acquire);
      return;
    }
    awake = true;
    turn = 0;
  }
}

void mutex_core::unlock_slow(std::uint32_t left) {
  if (((left + locked) & locked) == 0) sched::fatal("sync: unlock of unlocked mutex");
  if ((left & starving) != 0) {
    wake_one();
    return;
  }
  for (std::uint32_t s = left; s >= one_waiter && (s & (locked | woken | starving)) == 0;) {
    if (state_.compare_exchange_strong(s, (s - one_waiter) | woken, std::memory_order_relaxed, std::memory_order_relaxed)) {
      wake_one();
      return;
    }
  }
}

}  // namespace detail
} }
