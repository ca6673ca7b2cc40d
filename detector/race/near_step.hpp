#pragma once
// The commonest of the known steps, without the general code's registers: one goroutine goes over memory of which nothing is known, over
// bytes beside those it has just recorded at the same point, or over what a single record says that it knows and now stands for; or it makes a
// step again. That is some fifty instructions and the block's lock, where known_step has a hundred and fifty.
//
// Rejected: to keep the lock of a block for its last holder, others taking it over through membarrier (asymmetric Dekker). A first access
// took 15 cycles instead of 22, but whole programs lost as much as they gained: goroutines hand data on, and a take-over costs microseconds.
//
// The step is worked out from a tag read without the lock, and made under it if tag and collection are the same still: ids are reused by
// collections only, so an equal tag has an equal meaning.

#include "detector/race/collector.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/race/known_step.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "detector/shadow/short_step.hpp"

namespace ravel::detector {

[[gnu::always_inline]] inline near_point& near_point_for(const ravel_site* site, std::uint64_t context) {
  return this_thread.near[((reinterpret_cast<std::uintptr_t>(site) >> 4) ^ context) % near_points];
}

// A site is a read or a write, and rarely both: the low bit of its address says which.
[[gnu::always_inline]] inline std::uintptr_t near_key(const ravel_site* site, bool write) { return reinterpret_cast<std::uintptr_t>(site) | write; }

[[gnu::always_inline]] inline void remember_near(const ravel_site* site, std::uint64_t context, bool write, const named_point& n) {
  near_point_for(site, context) = {near_key(site, write), context, this_thread.self_locks, n.collection, point_tag(no_segment, n.id, 0), n.point};
}

// What the tag becomes; 0: another step.
[[gnu::always_inline]] inline tag_word near_tag(const near_point& n, tag_word tag, tag_word current, byte_mask bytes, bool write) {
  const tag_word recorded = write ? bytes << 8 | bytes : bytes;
  const tag_word mine = (current & RAVEL_TAG_SEGMENT) | n.name;
  if (tag == 0) return mine | recorded;
  if ((tag ^ mine) < 0x10000) return tag | recorded;
  if (names_point(tag) && left_of(tag, write, bytes) == 0 &&
      (segment_of(tag) == segment_of(current) || knows_segment(this_thread.self->clock, segment_of(tag)))) {
    return mine | recorded;
  }
  return memorised_step(tag, n.point, shape_of(bytes, write ? access_class::plain_write : access_class::plain_read), current);
}

// False: not made, ask the general step. `bytes` of one granule, which the inline check has not found recorded.
[[gnu::always_inline]] inline bool near_step(std::uintptr_t address, byte_mask bytes, const ravel_site* site, std::uint64_t context, bool write) {
  const near_point& n = near_point_for(site, context);
  if (n.key != near_key(site, write) || n.context != context || n.locks != this_thread.self_locks || is_thread_local(address)) return false;
  tag_word* const where = tag_address(address);
  const tag_word tag = load_tag(where), current = __ravel_current;
  const std::uint32_t collection = n.collection;
  if (collection != collections.load(std::memory_order_acquire) || segment_of(current) == no_segment) return false;
  const tag_word next = near_tag(n, tag, current, bytes, write);
  if (next == 0) return false;
  recording_guard hold_off_collector;
  const held_block hold(block_word(address));
  if (load_tag(where) != tag || collections.load(std::memory_order_acquire) != collection) return false;
  store_tag(where, next);
  return true;
}

}  // namespace ravel::detector
