#pragma once
// The commonest steps of the rule, without a node: a plain access to a granule with two records at most, which leaves at most one of them
// beside its own, and races with none.
//
// Why a header: nine of ten first accesses to a granule in a segment are such steps, and of programs that lock or hand over at every turn
// most accesses are first ones. Inlined into the cold entry points (race/access) such a step costs 10 to 20 ns; called, with the registers
// saved for it, 50 to 90. So it is written for general registers and calls nothing, except where `MayCall`.

#include "detector/clock/vector_clock.hpp"
#include "detector/shadow/history.hpp"

namespace ravel::detector {

// Pairs made lately by this thread, so that equal ones of one segment are one state.
struct recent_pair {
  tag_word older;
  segment_id segment;
  std::uint32_t collection;
  std::uint16_t point, state;
  std::uint8_t bytes;
};
inline constexpr std::size_t recent_pairs = 512;
extern __thread recent_pair pairs_made[recent_pairs] __attribute__((tls_model("initial-exec")));

// The state of a pair, as a tag without bytes; 0: no room without a call. `known`: the older record is ordered before the newer.
template <bool MayCall>
[[gnu::always_inline]] inline tag_word pair_tag(point_id point, tag_word older, byte_mask bytes, segment_id current, bool known) {
  const std::uint64_t h = ((older >> 8) ^ (std::uint64_t{point} << 8 | bytes) << 40 ^ current) * 0x9E3779B97F4A7C15ull;
  recent_pair& line = pairs_made[h >> 55];
  const std::uint32_t collection = collections.load(std::memory_order_acquire);
  if (line.older != older || line.segment != current || line.point != point || line.bytes != bytes || line.collection != collection) {
    segment& s = segment_table::at(current);
    const state_slot made{older, 0, static_cast<std::uint16_t>(point), 0, static_cast<std::uint8_t>(bytes)};
    if (s.count >= segment::few && !MayCall) return 0;
    const std::uint32_t state = s.count < segment::few ? segment_table::add_first(s, made) : segment_table::add(s, made);
    line = {older, current, collection, static_cast<std::uint16_t>(point), static_cast<std::uint16_t>(state), static_cast<std::uint8_t>(bytes)};
  }
  return make_tag(current, line.state | (known ? state_is_ordered : 0), 0, 0);
}
static_assert(recent_pairs == 1u << (64 - 55));

// Does an access race with the record that a tag names, whose goroutine it is not ordered after?
[[gnu::always_inline]] inline bool clashes(tag_word record, bool write, byte_mask bytes) {
  return (record & bytes) != 0 && (write || (record & 0xFF00) != 0);
}

// What an access to `bytes`, ordered after the record that a tag names, leaves of it: a write nothing, a read what was written. 0: nothing.
[[gnu::always_inline]] inline tag_word left_of(tag_word record, bool write, byte_mask bytes) {
  if ((record & 0xFF00) != 0 && !write) return record;
  const tag_word rest = record & ~tag_word{bytes << 8 | bytes};
  return (rest & 0xFF) == 0 ? 0 : rest;
}

[[gnu::always_inline]] inline bool knows_segment(const vector_clock& clock, segment_id id) {
  const segment& s = segment_table::at(id);
  return clock.knows(s.chain, s.time);
}

// The tag after a plain access at `point` by the goroutine of this clock in its present segment. 0: it is another step.
template <bool MayCall>
[[gnu::always_inline]] inline tag_word short_step(tag_word old, bool write, byte_mask bytes, point_id point, const vector_clock& clock, segment_id current) {
  const tag_word recorded = write ? bytes << 8 | bytes : bytes;
  if (old == 0) return point_tag(current, point, recorded);
  const bool mine = segment_of(old) == current;
  if (mine && (recorded & ~old) == 0) return old;
  const bool newer_known = mine || knows_segment(clock, segment_of(old));
  const bool all_known = newer_known && (state_of(old) & state_is_ordered) != 0;
  tag_word newer = old, older = 0;
  if (!names_point(old)) {
    const state_slot& slot = segment_table::of(old);
    if (slot.head != 0) return write && bytes == all_bytes && all_known ? point_tag(current, point, recorded) : 0;
    newer = newer_of_pair(old, slot);
    older = slot.older;
  }
  // Recorded before, and somebody else since, of whom I know nothing: to change places with him each time we both read would say nothing new.
  // Records that race are never a pair, so his does not clash with what mine stands for.
  if (!newer_known && segment_of(older) == current && (recorded & ~older) == 0) return old;
  byte_mask all = bytes;
  if (mine && point_of_tag(newer) == point) {  // more bytes of the same: one record
    all |= newer & 0xFF;
    newer = 0;
  } else if (newer_known) {
    newer = left_of(newer, write, bytes);
  } else if (clashes(newer, write, bytes)) {
    return 0;
  }
  bool older_known = true;
  if (older != 0) {
    older_known = all_known || knows_segment(clock, segment_of(older));
    if (older_known) older = left_of(older, write, bytes);
    else if (clashes(older, write, bytes)) return 0;
  }
  if (newer == 0 && older == 0) return point_tag(current, point, write ? all << 8 | all : all);
  if (newer != 0 && older != 0) return 0;
  const tag_word pair = pair_tag<MayCall>(point, newer | older, all, current, newer != 0 ? newer_known : older_known);
  return pair == 0 ? 0 : pair | recorded | (mine ? old & 0xFFFF : 0);
}

}  // namespace ravel::detector
