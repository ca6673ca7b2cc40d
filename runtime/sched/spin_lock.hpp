#pragma once
#include <atomic>
#include <cstdint>

#include <sched.h>
#include <time.h>

namespace ravel::sched {

// The lock of one channel or sync object: held for tens of instructions, never across a switch of goroutines. Unlocking is a plain store,
// which halves the cost of a channel operation against a lock that must know whether somebody sleeps; so nobody sleeps in the kernel for
// it: a waiter whose holder was preempted gives up its time slice, in the end for 50 microseconds. Nothing is touched after the store.
class spin_lock {
 public:
  void lock() noexcept {
    if (word_.exchange(1, std::memory_order_acquire) != 0) wait();
  }
  bool try_lock() noexcept { return word_.load(std::memory_order_relaxed) == 0 && word_.exchange(1, std::memory_order_acquire) == 0; }
  void unlock() noexcept { word_.store(0, std::memory_order_release); }

 private:
  [[gnu::noinline, gnu::cold]] void wait() noexcept {
    for (int turn = 0;; ++turn) {
      for (int i = 0; i < 64; ++i) {
        if (try_lock()) return;
        __builtin_ia32_pause();
      }
      if (turn < 32) {
        ::sched_yield();
      } else {
        const timespec pause{0, 50'000};
        ::nanosleep(&pause, nullptr);
      }
    }
  }

  std::atomic<std::uint32_t> word_{0};
};

}  // namespace ravel::sched
