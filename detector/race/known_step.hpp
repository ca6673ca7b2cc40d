#pragma once
// A step of the rule that needs no call: one that this thread has made before (the memo), or one at a point that it has met, where the tag
// and the clock say enough (shadow/short_step).
//
// Which is tried first: over an array, the same step is made again and again, and the memo is a third cheaper; where goroutines synchronise
// all the time, each segment makes a step once and to remember it costs more than it gives. So a point's first step in a segment does
// without the memo, its others look there first.

#include "detector/race/goroutine_state.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/short_step.hpp"

namespace ravel::detector {

[[gnu::always_inline]] inline tag_word memorised_step(tag_word old, std::uint64_t point, std::uint32_t shape, tag_word current) {
  const memo_line& m = memo_line_for(old, point, shape);
  return is_known(m, old, point, shape, current) ? m.new_tag : 0;
}

// 0: not such a step. The block is locked, a recording_guard lives. Where a segment is present, so is the time it was begun at.
[[gnu::always_inline]] inline tag_word known_step(tag_word old, access_class kind, access_nature nature, byte_mask bytes, std::uint64_t point, tag_word current) {
  const segment_id segment = segment_of(current);
  const std::uint32_t shape = shape_of(bytes, kind, nature);
  named_point& n = named_point_for(point, kind);
  const std::uint32_t collection = collections.load(std::memory_order_acquire);
  if (n.point != point || n.kind != kind || n.nature != nature || n.collection != collection || segment == no_segment) {
    return memorised_step(old, point, shape, current);
  }
  const bool again = n.segment == segment;
  if (again) {
    if (const tag_word next = memorised_step(old, point, shape, current)) return next;
  }
  const tag_word next = short_step<false>(old, kind == access_class::plain_write, bytes, n.id, this_thread.self->clock, segment);
  if (next == 0) return again ? 0 : memorised_step(old, point, shape, current);
  if (next == old) {
    remember_covered(old, bytes, kind, segment, collection);
    return old;
  }
  if (again) memo_line_for(old, point, shape) = {old, next, point, shape, collection};
  n.segment = segment;
  return next;
}

}  // namespace ravel::detector
