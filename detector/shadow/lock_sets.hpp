#pragma once
// Interned sets of held locks, as lists: newest lock first. Goroutines that hold the same locks, taken at the same places in the same
// order, share one id. A set that nothing names any more is taken back by the collector: a server makes locks without end.
//
// Thread-safety: `with` and `without` between a set_guard's begin and end (race/set_guard.hpp), until what they return is where the collector
// looks for it; `at` of a set that is named; all from any thread.
//
// Invariants: a set stays in its bucket until two collections in a row have seen nobody name it; a third party that finds it meanwhile marks
// it, so it is looked at again when all who might have found it are done, before its id is free.

#include <cstddef>
#include <cstdint>

#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

struct held_lock_record {
  const void* lock;
  stack_id acquired_at;
  lock_set_id others;
  std::uint8_t operation;  // hooks::operation that took it
  bool shared;
  lock_set_id next;        // in the bucket, or free
};

class lock_sets {
 public:
  static void reserve();
  static lock_set_id with(lock_set_id set, const void* lock, bool shared, std::uint8_t operation, stack_id acquired_at);
  static lock_set_id without(lock_set_id set, const void* lock);  // the newest entry of that lock; unchanged if it is not held
  static const held_lock_record& at(lock_set_id id);
  static std::size_t made_in_all();

  // For the collector alone, in this order. Between the last two, all that began before have to end. `gone` hears of each id that is free.
  static void mark(lock_set_id id, std::uint8_t epoch);  // and what it is made of
  static void take_out_unmarked(std::uint8_t epoch);
  static void free_taken_out(std::uint8_t epoch, void (*gone)(lock_set_id id));
};

}  // namespace ravel::detector
