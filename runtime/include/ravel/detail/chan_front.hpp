#pragma once
// What of a channel may be looked at without its lock, so that an operation that would block can be told in a few instructions.

#include <cstddef>

#include "wait_list.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

// Written under the channel's lock, as atomics; capacity never changes.
struct chan_front {
  std::size_t length = 0;
  std::size_t capacity = 0;
  bool closed = false;
  wait_list senders, receivers;
};

// False means that at some moment of the call the operation would have blocked. In that order: a channel is never opened again, so one empty
// and then open was both at the first look; one open and then full could not have been ready in between and closed (Go runtime/chan.go,
// chansend and chanrecv).
inline bool receive_looks_ready(const chan_front& c) {
  if (__atomic_load_n(&c.length, __ATOMIC_ACQUIRE) != 0) return true;
  if (c.capacity == 0 && __atomic_load_n(&c.senders.first, __ATOMIC_ACQUIRE) != nullptr) return true;
  return __atomic_load_n(&c.closed, __ATOMIC_ACQUIRE);
}
inline bool send_looks_ready(const chan_front& c) {
  if (__atomic_load_n(&c.closed, __ATOMIC_ACQUIRE)) return true;
  if (c.capacity != 0) return __atomic_load_n(&c.length, __ATOMIC_ACQUIRE) != c.capacity;
  return __atomic_load_n(&c.receivers.first, __ATOMIC_ACQUIRE) != nullptr;
}

struct chan_core;  // begins with its front

// For user code: whether an operation can be told to block right away, nil included. Under the race detector nothing is told here: its
// events belong to the core, and these loads would look like the program's own.
inline bool receive_would_block(const chan_core* c) {
  return !RAVEL_RACE && (c == nullptr || !receive_looks_ready(*reinterpret_cast<const chan_front*>(c)));
}
inline bool send_would_block(const chan_core* c) {
  return !RAVEL_RACE && (c == nullptr || !send_looks_ready(*reinterpret_cast<const chan_front*>(c)));
}

}  // namespace detail
RAVEL_NAMESPACE_END
