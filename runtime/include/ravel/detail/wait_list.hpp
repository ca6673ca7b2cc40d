#pragma once
#include <cstdint>

#include "config.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

struct waiter;  // a blocked goroutine in some queue: lives on its stack

// Goroutines that wait for one object, first come first. Guarded by the object's own lock.
struct wait_list {
  waiter* first = nullptr;
  waiter* last = nullptr;
};

// A word that locks an object of ours for a few instructions.
struct short_lock {
  std::uint32_t word = 0;
};

// The race detector's clock of an object; no size in a plain build.
struct clock_storage {
#if RAVEL_RACE
  void* clock = nullptr;
#endif
};

// The number of an object's last operation, for whoever keeps their order; no size in a plain build.
struct order_storage {
#if RAVEL_RACE
  std::uint64_t last = 0;
#endif
};

}  // namespace detail
RAVEL_NAMESPACE_END
