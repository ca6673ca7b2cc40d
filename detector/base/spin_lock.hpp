#pragma once
#include <atomic>
#include <cstdint>

namespace ravel::detector {

// Held for tens of nanoseconds, never across a call out of the detector. A goroutine cannot be switched while its thread holds one.
// Zero-initialised memory is an unlocked lock.
class spin_lock {
 public:
  void lock() noexcept {
    while (word_.exchange(1, std::memory_order_acquire) != 0) {
      for (int spins = 0; word_.load(std::memory_order_relaxed) != 0; ++spins) {
        if (spins < 200) __builtin_ia32_pause();
        else yield_thread();
      }
    }
  }
  void unlock() noexcept { word_.store(0, std::memory_order_release); }

  bool is_locked() const noexcept { return word_.load(std::memory_order_acquire) != 0; }

  static void yield_thread() noexcept;  // the holder may have been descheduled: give it the processor
  static __thread bool yields;          // this thread is in there

 private:
  std::atomic<std::uint32_t> word_{0};
};

// std::lock_guard without <mutex>, whose header pulls in the functions that the thread interceptors define.
template <class Lock>
class locked {
 public:
  explicit locked(Lock& l) noexcept : lock_(l) { lock_.lock(); }
  ~locked() { lock_.unlock(); }
  locked(const locked&) = delete;
  locked& operator=(const locked&) = delete;

 private:
  Lock& lock_;
};

}  // namespace ravel::detector
