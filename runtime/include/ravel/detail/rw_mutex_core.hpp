#pragma once
// The lock inside rw_mutex, without the race detector's events.
//
// The state counts the readers in its lower half, above it two bits: `writing`, a writer holds the lock, `waiting`, somebody is in a queue.
// Invariants: `waiting` changes under guard_ only, and is set while a queue is not empty; without `writing` it means that a writer is
// queued. A reader counts itself before it looks, so the count includes readers that are about to queue up; these keep `writing` from
// being taken or given back without guard_. Whoever takes the last reader away while a writer waits sets `writing` in the same instruction:
// from then on the lock is that writer's and only this goroutine hands it over. So nobody touches the lock once it may be gone.

#include <atomic>
#include <cstdint>

#include "wait_list.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

class rw_mutex_core {
 public:
  void lock(const void* object) {
    if (!try_lock()) lock_slow(object);
  }
  bool try_lock() {
    std::uint64_t free = 0;
    return state_.compare_exchange_strong(free, writing, std::memory_order_acquire, std::memory_order_relaxed);
  }
  void unlock() {
    std::uint64_t s = writing;
    if (!state_.compare_exchange_strong(s, 0, std::memory_order_release, std::memory_order_relaxed)) unlock_slow(s);
  }
  void lock_shared(const void* object) {
    if ((state_.fetch_add(1, std::memory_order_acquire) & (writing | waiting)) != 0) lock_shared_slow(object);
  }
  bool try_lock_shared() {
    std::uint64_t s = state_.load(std::memory_order_relaxed);
    while ((s & (writing | waiting)) == 0) {
      if (state_.compare_exchange_weak(s, s + 1, std::memory_order_acquire, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void unlock_shared() {
    std::uint64_t s = 1;  // a guess spares the load that the exchange would wait for
    do {
      if (state_.compare_exchange_weak(s, s - 1, std::memory_order_release, std::memory_order_relaxed)) return;
    } while ((s & (writing | waiting)) == 0 && readers(s) != 0);
    unlock_shared_slow(s);
  }
  void let_go() noexcept;  // of those that wait, when it is destroyed
  bool is_locked() const { return (state_.load(std::memory_order_relaxed) & writing) != 0; }
  bool is_locked_shared() const {
    const std::uint64_t s = state_.load(std::memory_order_relaxed);
    return (s & writing) == 0 && readers(s) != 0;
  }

 private:
  static constexpr std::uint64_t writing = std::uint64_t{1} << 32, waiting = std::uint64_t{1} << 33;
  static std::uint32_t readers(std::uint64_t s) { return static_cast<std::uint32_t>(s); }
  void lock_slow(const void* object);
  void unlock_slow(std::uint64_t s);
  void lock_shared_slow(const void* object);
  void unlock_shared_slow(std::uint64_t s);
  waiter* next_writer();

  std::atomic<std::uint64_t> state_{0};
  short_lock guard_;  // guards the queues
  wait_list writers_, readers_;
};

}  // namespace detail
RAVEL_NAMESPACE_END
