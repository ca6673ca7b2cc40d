#pragma once
// The commonest steps of the rule, without a node: a plain access by somebody who knows all that was here before, and whose bytes cover
// those of what he stands for. A write leaves itself alone; a read itself and the write before it.
//
// Why a header: four of five first accesses to a granule in a segment are such steps, and of programs that lock or hand over at every turn
// most accesses are first ones. Inlined into the cold entry points (race/access) such a step costs 10 to 20 ns; called, with the registers
// saved for it, 50 to 90. So it is written for general registers and calls nothing, except where `MayCall`.

#include "detector/clock/vector_clock.hpp"
#include "detector/shadow/history.hpp"

namespace ravel::detector {

// Pairs made lately by this thread, so that equal ones of one segment are one state.
struct recent_pair { tag_word write; segment_id segment; std::uint32_t collection; std::uint16_t point, state; };
inline constexpr std::size_t recent_pairs = 512;
extern __thread recent_pair pairs_made[recent_pairs] __attribute__((tls_model("initial-exec")));

// The pair's tag; 0: no room without a call.
template <bool MayCall>
[[gnu::always_inline]] inline tag_word pair_tag(point_id point, tag_word write, byte_mask bytes, segment_id current) {
  const std::uint64_t h = ((write >> 8) ^ std::uint64_t{point} << 40 ^ current) * 0x9E3779B97F4A7C15ull;
  recent_pair& line = pairs_made[h >> 55];
  const std::uint32_t collection = collections.load(std::memory_order_acquire);
  if (line.write != write || line.segment != current || line.point != point || line.collection != collection) {
    segment& s = segment_table::at(current);
    const state_slot made{write, 0, static_cast<std::uint16_t>(point), 0};
    if (s.count >= segment::few && !MayCall) return 0;
    const std::uint32_t state = s.count < segment::few ? segment_table::add_first(s, made) : segment_table::add(s, made);
    line = {write, current, collection, static_cast<std::uint16_t>(point), static_cast<std::uint16_t>(state)};
  }
  return make_tag(current, line.state | state_is_ordered, 0, bytes);
}
static_assert(recent_pairs == 1u << (64 - 55));

[[gnu::always_inline]] inline tag_word point_tag(segment_id segment, point_id point, bool write, byte_mask bytes) {
  return make_tag(segment, point | state_is_point | state_is_ordered, write ? bytes : 0, bytes);
}

// More bytes of what this segment has done at the same point: the name stays, the tag's bytes grow. 0: it is not the same point.
[[gnu::always_inline]] inline tag_word joined(tag_word old, point_id point, bool write, byte_mask bytes) {
  if (names_point(old)) {
    if (point_of_tag(old) != point) return 0;
  } else if (write || segment_table::of(old).point != point) {
    return 0;
  }
  return old | (write ? bytes << 8 : 0) | bytes;
}

// The tag after a plain access at `point` by the goroutine of this clock in its present segment. 0: it is another step.
template <bool MayCall>
[[gnu::always_inline]] inline tag_word short_step(tag_word old, bool write, byte_mask bytes, point_id point, const vector_clock& clock, segment_id current) {
  if (old == 0) return point_tag(current, point, write, bytes);
  if ((state_of(old) & state_is_ordered) == 0) return 0;
  const bool mine = segment_of(old) == current;
  if (!mine) {
    const segment& last = segment_table::at(segment_of(old));
    if (!clock.knows(last.chain, last.time)) return 0;
  }
  const bool was_point = names_point(old), was_write = was_point && ((old >> 8) & 0xFF) != 0;
  tag_word before = was_write ? old : 0;  // the write that a read comes after
  byte_mask left = old & 0xFF;            // bytes that whoever stands for it all must cover
  if (!was_point) {
    const state_slot& slot = segment_table::of(old);
    if (slot.head != 0) {
      if (bytes != all_bytes || !write) return 0;
    } else {
      before = slot.write;
      if (write) left |= slot.write & 0xFF;
    }
  }
  // A read after a write by this very segment is another step: the tag would have to say both.
  const bool covers = !write && was_write ? !mine : (left & ~bytes) == 0;
  if (!covers) return mine ? joined(old, point, write, bytes) : 0;
  if (write || before == 0) return point_tag(current, point, write, bytes);
  return pair_tag<MayCall>(point, before, bytes, current);
}

}  // namespace ravel::detector
