#pragma once
// Where and how an access was made, apart from who made it and when: interned, so that a tag can name it. The commonest histories, one
// access or a read after a write, then need no memory of their own.
//
// A tag has room for 14 bits. Points that nothing names any more are taken back by the collector, so that number is what a program uses
// at a time, not what it ever used; where it does not suffice, histories are made of nodes (history.hpp).
// Thread-safety: `of` and `at` from any thread, between a recording_guard's begin and end.
//
// Invariants: an id is given for its point alone from one collection to the next. Looking one up marks it, so what is looked up during a
// collection survives it.

#include <cstdint>

#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

struct access_point {
  const ravel_site* site;
  stack_id stack;
  lock_set_id locks;
  access_class kind;
  access_nature nature;
};

using point_id = std::uint32_t;  // 0: no name is free

class access_points {
 public:
  static constexpr point_id most = 1u << 14;

  static point_id of(const access_record& r);
  [[gnu::always_inline]] static const access_point& at(point_id id) { return points_[id]; }

  // For the collector alone; sweep after all transitions that began before `collections` grew have ended.
  static void mark(point_id id, std::uint8_t epoch);
  static void sweep(std::uint8_t epoch);

 private:
  static access_point points_[most];
};

}  // namespace ravel::detector
