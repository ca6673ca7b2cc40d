#pragma once
// Interned sets of held locks, as lists: newest lock first. Goroutines that hold the same locks, taken at the same places in the same
// order, share one id. Thread-safety: all functions from any thread.

#include <cstdint>

#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

struct held_lock_record {
  const void* lock;
  stack_id acquired_at;
  lock_set_id others;
  std::uint8_t operation;  // hooks::operation that took it
  bool shared;
};

class lock_sets {
 public:
  static void reserve();
  static lock_set_id with(lock_set_id set, const void* lock, bool shared, std::uint8_t operation, stack_id acquired_at);
  static lock_set_id without(lock_set_id set, const void* lock);  // the newest entry of that lock; unchanged if it is not held
  static const held_lock_record& at(lock_set_id id);
};

}  // namespace ravel::detector
