#pragma once
#include <atomic>
#include <cstdint>

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/include/ravel/detail/alone.hpp"

namespace ravel::sched {

// The lock of one channel or sync object: held for tens of instructions, never across a switch of goroutines. Unlocking is a plain store,
// which halves the cost of a channel operation against a lock that must know whether somebody sleeps; so nobody sleeps in the kernel for
// it: a waiter whose holder was preempted gives up its time slice, in the end for 50 microseconds. Nothing is touched after the store.
//
// A waiter looks again after ever longer pauses. Each look takes the cache line, with what lies beside the lock, away from the holder, and
// brings it back for a hundred nanoseconds; left alone for a microsecond the holder does fifty operations there.
class spin_lock {
 public:
  void lock() noexcept {
    if (detail::put_in(word_, 1, std::memory_order_acquire) != 0) wait();
  }
  bool try_lock() noexcept { return word_.load(std::memory_order_relaxed) == 0 && detail::put_in(word_, 1, std::memory_order_acquire) == 0; }
  void unlock() noexcept { word_.store(0, std::memory_order_release); }

 private:
  [[gnu::noinline, gnu::cold]] void wait() noexcept {
    int pauses = shortest;
    for (int turn = 0;; ++turn) {
      for (int i = 0; i < pauses; ++i) __builtin_ia32_pause();
      if (try_lock()) return;
      if (pauses < longest) {
        pauses *= 2;
      } else if (turn < 64) {
        ::syscall(SYS_sched_yield);
      } else {
        const timespec pause{0, 50'000};
        ::syscall(SYS_nanosleep, &pause, nullptr);  // the C library's takes virtual time in a controlled run
      }
    }
  }

  static constexpr int shortest = 16, longest = 128;
  std::atomic<std::uint32_t> word_{0};
};

}  // namespace ravel::sched
