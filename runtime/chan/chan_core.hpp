#pragma once
// The channel itself, type-erased.
//
// Invariants (Go runtime/chan.go): at most one of senders and receivers has a waiter that is not a decided select; an open buffered channel
// with data has no waiting receiver, one with room no waiting sender. All fields are guarded by `lock` but capacity, type and references.
// Indices advance also when an element goes straight from hand to hand, in every build, so that slots mean the same to the race detector.
// closed, length and whether a list is empty may be read without the lock (looks_ready): written as atomics, under it.
// No user code runs under the lock but move constructors that cannot throw; other elements travel in boxes.

#include "runtime/include/ravel/chan.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

// Two cache lines: what every operation writes, and what it also needs. Buffered ones begin at a line: several processors meet there.
struct chan_core : chan_front {
  short_lock lock;
  [[no_unique_address]] order_storage order;
  std::atomic<std::uint32_t> references{1};
  element_type type{};
  void (*let_go)(chan_core* c) noexcept = nullptr;  // not made by make_core: called instead of `release`
  std::size_t send_index = 0, receive_index = 0;
  unsigned char* buffer = nullptr;
  clock_storage* slots = nullptr;   // race build: one clock per slot, whatever the element's size
  clock_storage close_clock;
  alignas(8) unsigned char state_marker[8] = {};
  [[no_unique_address]] hooks::watched_channel watched;
#if RAVEL_RACE
  std::atomic<std::uint64_t> receiving{0};  // of the references, those that can only receive; above 32 bits, how often that changed
#endif

  void* slot(std::size_t i) { return buffer + i * type.size; }
  std::size_t after(std::size_t i) const { return i + 1 == capacity ? 0 : i + 1; }
  void move(void* to, void* from) const {
    if (type.move != nullptr) type.move(to, from);
    else if (type.size == 8) __builtin_memcpy(to, from, 8);
    else if (type.size == 4) __builtin_memcpy(to, from, 4);
    else if (type.size != 0) __builtin_memcpy(to, from, type.size);
  }
  void set_length(std::size_t n) { __atomic_store_n(&length, n, __ATOMIC_RELAXED); }
};

// While one lives, the detector takes no free of this goroutine for an access.
class unchecked_frees {
 public:
  unchecked_frees() : me_(hooks::enabled ? sched::current_if_any() : nullptr) {
    if constexpr (hooks::enabled) {
      if (me_ != nullptr) hooks::sink().ignore_begin(*me_);
    }
  }
  unchecked_frees(const unchecked_frees&) = delete;
  unchecked_frees& operator=(const unchecked_frees&) = delete;
  ~unchecked_frees() {
    if constexpr (hooks::enabled) {
      if (me_ != nullptr) hooks::sink().ignore_end(*me_);
    }
  }

 private:
  [[maybe_unused]] sched::goroutine* me_;
};

// Without the lock: false means that at some moment of the call the operation would have blocked. In that order: a channel is never
// opened again, so one empty and then open was both at the first look; one open and then full could not have been ready in between and
// closed (Go runtime/chan.go, chansend and chanrecv).
inline bool receive_looks_ready(const chan_core& c) {
  if (__atomic_load_n(&c.length, __ATOMIC_ACQUIRE) != 0) return true;
  if (c.capacity == 0 && !nobody_waits(c.senders)) return true;
  return __atomic_load_n(&c.closed, __ATOMIC_ACQUIRE);
}
inline bool send_looks_ready(const chan_core& c) {
  if (__atomic_load_n(&c.closed, __ATOMIC_ACQUIRE)) return true;
  return c.capacity == 0 ? !nobody_waits(c.receivers) : __atomic_load_n(&c.length, __ATOMIC_ACQUIRE) != c.capacity;
}

// Under the lock. Each returns false when the operation would block.
bool send_locked(chan_core& c, void* value, sched::goroutine*& wake);                     // throws when closed, after unlocking
bool receive_locked(chan_core& c, void* storage, bool& moved, sched::goroutine*& wake);
void mark_send_attempt(chan_core& c);

// Exact, while others copy and drop handles: all references are looked at while none of those that can only receive comes or goes.
inline bool has_senders(const chan_core& c) {
#if RAVEL_RACE
  for (;;) {
    const std::uint64_t receiving = c.receiving.load(std::memory_order_seq_cst);
    const std::uint32_t all = c.references.load(std::memory_order_seq_cst);
    if (c.receiving.load(std::memory_order_seq_cst) == receiving) return all > static_cast<std::uint32_t>(receiving);
  }
#else
  return c.references.load(std::memory_order_relaxed) != 0;
#endif
}

// Not under the lock.
inline void tell_use([[maybe_unused]] chan_core& c, [[maybe_unused]] hooks::channel_use use) {
#if RAVEL_RACE
  if (__atomic_load_n(&c.watched.record, __ATOMIC_ACQUIRE) != nullptr) [[unlikely]] {
    hooks::sink().channel_used(sched::current(), &c, c.watched, use);
  }
#endif
}

}  // namespace detail
} }
