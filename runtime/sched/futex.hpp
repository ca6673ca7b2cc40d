#pragma once
#include <atomic>
#include <cstdint>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/hooks/hooks.hpp"

namespace ravel::sched {

// Other threads than a controlled run's take these locks too, so both are the kernel's own calls there: as the program's they would be steps, and
// the other thread would never be woken.

// Sleeps while word == expected, at most `nanoseconds` (negative: no limit). May return early.
inline void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected, std::int64_t nanoseconds = -1) {
  timespec limit{static_cast<time_t>(nanoseconds / 1'000'000'000), static_cast<long>(nanoseconds % 1'000'000'000)};
  const hooks::own_use ours;
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT_PRIVATE, expected, nanoseconds < 0 ? nullptr : &limit, nullptr, 0);
}
inline void futex_wake(std::atomic<std::uint32_t>& word, int threads = 1) {
  const hooks::own_use ours;
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE_PRIVATE, threads, nullptr, nullptr, 0);
}

// A lock for scheduler data, held for tens of instructions and never across a switch of goroutines: spins a little, then sleeps.
// Drepper, "Futexes are tricky" (2011), third mutex.
class os_lock {
 public:
  void lock() noexcept {
    for (int i = 0; i < 50; ++i) {
      std::uint32_t free = 0;
      if (word_.compare_exchange_weak(free, 1, std::memory_order_acquire, std::memory_order_relaxed)) return;
      __builtin_ia32_pause();
    }
    while (word_.exchange(2, std::memory_order_acquire) != 0) futex_wait(word_, 2);
  }
  bool try_lock() noexcept {
    std::uint32_t free = 0;
    return word_.compare_exchange_strong(free, 1, std::memory_order_acquire, std::memory_order_relaxed);
  }
  void unlock() noexcept {
    if (word_.exchange(0, std::memory_order_release) == 2) futex_wake(word_);
  }

 private:
  std::atomic<std::uint32_t> word_{0};
};

}  // namespace ravel::sched
