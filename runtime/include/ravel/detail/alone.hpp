#pragma once
// Changes to the words of locks, channels and counters: without locked instructions while one thread alone runs the program, as on one
// processor, or while all others are idle. (A locked instruction costs 5.5 ns on the machine this was measured on, the way around it 0.9 ns.
// The C library does the like for processes that never made a thread; here there are others, which mostly sleep.)
//
// Each thread has two words: `inside`, and `standing`, what it may do. Invariants:
// - At most one thread stands `alone`: the machine that holds the only processor that is not idle, while no thread of another kind has ever
//   come. It takes that standing itself, under the scheduler's lock, and loses it before its processor goes to another.
// - A thread stands `among_others` only while it holds a processor, or after a thread of another kind has come: nobody is alone then.
// - A word is changed without a locked instruction only from enter_alone() to leave_alone(): `inside` is set, and `alone` was seen after that.
// - Whoever makes a second thread able to run the program's code, by taking another processor out of the idle list, first ends this
//   (sched/alone.hpp): takes the standing from the thread that has it, makes all threads pass a barrier, and waits while that one is inside.
//   So either that one saw that it is alone no more, or it is seen inside. Foreign threads do the same when they come.
// - No thread changes such a word before it has passed here. One of which the runtime has not heard yet stands `unknown`, and asks;
//   that is how foreign threads, and goroutines in blocking(), are noticed.
// - Inside are a few instructions that cannot wait, throw or call, so nobody waits long, and goroutines change threads only outside.
//
// Restartable sequences (rseq) would need no `inside`, but were measured at twice the cost: the sequence's descriptor is to be stored each time.
// A handler for signals could look where it interrupted the thread, but would end the program's system calls with EINTR.
// Patching the lock prefixes in and out costs nothing, but needs text that can be written.

#include <atomic>
#include <cstdint>
#include <type_traits>

#include "config.hpp"

#if !RAVEL_RACE && defined(__x86_64__)
#define RAVEL_ALONE 1
#else
#define RAVEL_ALONE 0
#endif

RAVEL_NAMESPACE_BEGIN
namespace detail {

enum standing : std::uint32_t { unknown, alone, among_others };  // in this order

#if RAVEL_ALONE

// Of this thread. Each access names the thread anew: the compiler may keep the address of a thread_local while the goroutine moves.
[[gnu::always_inline]] inline std::int64_t place_of_standing() noexcept {
  std::int64_t place;
  asm("movq __ravel_standing@GOTTPOFF(%%rip), %0" : "=r"(place));
  return place;
}
bool enter_after_all() noexcept;  // `inside` is set, but the standing was another: asks when it is unknown; false: not inside

// True: until leave_alone() no other thread changes what this one may.
[[gnu::always_inline]] inline bool enter_alone() noexcept {
  const std::int64_t place = place_of_standing();
  bool others, still;
  asm volatile("cmpl %2, %%fs:4(%1)" : "=@cca"(others) : "r"(place), "i"(alone) : "memory");
  if (others) return false;
  asm volatile("movl $1, %%fs:(%1)\n\tcmpl %2, %%fs:4(%1)" : "=@cce"(still) : "r"(place), "i"(alone) : "memory");
  return still || enter_after_all();
}
[[gnu::always_inline]] inline void leave_alone() noexcept {
  asm volatile("movl $0, %%fs:(%0)" : : "r"(place_of_standing()) : "memory");
}

#else
inline bool enter_alone() noexcept { return false; }
inline void leave_alone() noexcept {}
#endif

// As the operations of std::atomic, with acquire and release at least where no locked instruction is needed.
template <class T>
[[gnu::always_inline]] inline T add_to(std::atomic<T>& word, std::type_identity_t<T> n, std::memory_order order) noexcept {
  if (enter_alone()) {
    const T before = word.load(std::memory_order_acquire);
    word.store(before + n, std::memory_order_release);
    leave_alone();
    return before;
  }
  return word.fetch_add(n, order);
}

template <class T>
[[gnu::always_inline]] inline T put_in(std::atomic<T>& word, std::type_identity_t<T> value, std::memory_order order) noexcept {
  if (enter_alone()) {
    const T before = word.load(std::memory_order_acquire);
    word.store(value, std::memory_order_release);
    leave_alone();
    return before;
  }
  return word.exchange(value, order);
}

// compare_exchange_strong, relaxed when it fails.
template <class T>
[[gnu::always_inline]] inline bool replace_in(std::atomic<T>& word, T& expected, std::type_identity_t<T> value, std::memory_order order) noexcept {
  if (enter_alone()) {
    const T before = word.load(std::memory_order_acquire);
    const bool same = before == expected;
    if (same) word.store(value, std::memory_order_release);
    leave_alone();
    if (!same) expected = before;
    return same;
  }
  return word.compare_exchange_strong(expected, value, order, std::memory_order_relaxed);
}

}  // namespace detail
RAVEL_NAMESPACE_END
