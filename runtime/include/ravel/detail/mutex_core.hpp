#pragma once
// The lock inside mutex, without the race detector's events. Go sync/mutex.go.
//
// Normal mode: unlocking lets anybody in, and wakes one waiter, unless one is awake already; the running goroutine usually wins, which keeps
// the lock and its data on one processor. A waiter that has lost for a millisecond switches to starvation mode: unlocking then hands the
// lock to the longest waiter, newcomers queue up, until a waiter waited less than a millisecond or was the last.

#include <atomic>
#include <cstdint>

#include "alone.hpp"
#include "wait_list.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

class mutex_core {
 public:
  void lock(const void* object) {
    std::uint32_t free = 0;
    if (!replace_in(state_, free, locked, std::memory_order_acquire)) lock_slow(object);
  }
  bool try_lock() {
    std::uint32_t s = state_.load(std::memory_order_relaxed);
    return (s & (locked | starving)) == 0 && replace_in(state_, s, s | locked, std::memory_order_acquire);
  }
  void unlock() {  // after this instruction the mutex may be gone, unless somebody waits
    const std::uint32_t left = add_to(state_, -locked, std::memory_order_release) - locked;
    if (left != 0) unlock_slow(left);
  }
  bool is_locked() const { return (state_.load(std::memory_order_relaxed) & locked) != 0; }

 private:
  static constexpr std::uint32_t locked = 1, woken = 2, starving = 4, one_waiter = 8;
  void lock_slow(const void* object);
  void unlock_slow(std::uint32_t left);
  void wait_turn(bool first, const void* object);
  void wake_one();

  std::atomic<std::uint32_t> state_{0};  // bits above, and the number of waiters
  short_lock guard_;                     // guards the rest
  std::uint32_t wakes_ = 0;              // granted before their waiter was in the list
  wait_list waiters_;
};

}  // namespace detail
RAVEL_NAMESPACE_END
