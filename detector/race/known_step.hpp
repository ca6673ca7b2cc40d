#pragma once
// A step of the rule at a point of the program that this thread has met before, where the tag and the clock say enough (shadow/short_step).

#include "detector/race/goroutine_state.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/short_step.hpp"

namespace ravel::detector {

// 0: not such a step. The block is locked, a recording_guard lives. Where a segment is present, so is the time it was begun at.
[[gnu::always_inline]] inline tag_word known_step(tag_word old, access_class kind, access_nature nature, byte_mask bytes, std::uint64_t point, tag_word current) {
  const named_point& n = named_point_for(point, kind);
  if (n.point != point || n.kind != kind || n.nature != nature || segment_of(current) == no_segment) return 0;
  if (n.collection != collections.load(std::memory_order_acquire)) return 0;
  return short_step<false>(old, kind == access_class::plain_write, bytes, n.id, this_thread.self->clock, segment_of(current));
}

}  // namespace ravel::detector
