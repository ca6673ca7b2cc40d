// The cold entry points of instrumented code, and within them the frequent half: a step of the rule that this thread has made before.
//
// Why it has this shape: the caller's check has failed, but he keeps all his values in registers (preserve_all), so this file is compiled
// for general registers only and calls nothing that may use others, except through ravel_saving_vectors (what is neither frequent nor
// ours: walking stacks, reports) and ravel_saving_general (the rule). A known step costs a memo line, one compare-and-swap on the block's
// lock and two stores.
// Rejected: a memo per access site (no faster, more code); one per goroutine (10 KB each at a million goroutines; a line names its segment,
// so one per thread serves all); the commonest steps in a function of their own that saves few registers, and block locks that their last
// holder keeps, others taking them over through membarrier: a first access took 18 cycles instead of 32, whole programs the same or a tenth
// more, since goroutines hand data on and the steps that miss are then made twice.

#include "detector/race/checked_range.hpp"
#include "detector/race/collector.hpp"
#include "detector/race/field_address.hpp"
#include "detector/race/known_step.hpp"
#include "detector/race/record_access.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/history.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "runtime/abi/ravel_abi.h"
#include "runtime/hooks/access_points.hpp"

namespace ravel::detector {
namespace {

struct point {
  const ravel_site* site;
  std::uint64_t context;
  const void* frame;
  std::uint32_t size;
  bool write;
};

// One granule, its block locked by the caller. Returns true when a race waits in this_thread.pending.
[[gnu::always_inline]] inline void step_locked(std::uintptr_t address, byte_mask bytes, const point& at) {
  // The first access since a release: most of these are known steps too, once there is a segment.
  if (segment_of(__ravel_current) == no_segment && this_thread.self != nullptr) ravel_saving_general(ravel_begin_segment, this_thread.self);
  tag_word* const where = tag_address(address);
  const tag_word tag = load_tag(where);
  const tag_word current = __ravel_current;
  if (already_recorded(tag, current, bytes, at.write)) return;
  const access_class kind = at.write ? access_class::plain_write : access_class::plain_read;
  const std::uint64_t point = point_of(at.site, at.context, this_thread.self_locks, address);
  if (const tag_word next = known_step(tag, kind, access_nature::memory, bytes, point, current)) {
    if (next != tag) store_tag(where, next);
    return;
  }
  const access_request request{address, at.site, at.context, at.frame, at.size, bytes, kind, access_nature::memory, true};
  if (__builtin_expect(!is_prepared(at.context), 0)) ravel_saving_vectors(ravel_prepare_record, &request);
  ravel_saving_general(ravel_record_prepared, &request);
}

// A read of shared data that others read too changes nothing, again and again: answered without the lock.
[[gnu::always_inline]] inline bool changes_nothing(std::uintptr_t address, byte_mask bytes, const point& at) {
  const tag_word tag = load_tag(tag_address(address));
  const tag_word current = __ravel_current;
  if (already_recorded(tag, current, bytes, at.write)) return true;
  __builtin_prefetch(&segment_table::at(segment_of(tag)));  // in case the rule has to be asked
  return is_covered(tag, bytes, at.write ? access_class::plain_write : access_class::plain_read, current);
}

[[gnu::always_inline]] inline void one_granule(std::uintptr_t address, byte_mask bytes, const point& at) {
  if (changes_nothing(address, bytes, at)) return;
  {
    recording_guard hold_off_collector;
    const held_block hold(block_word(address));
    step_locked(address, bytes, at);
  }
  if (__builtin_expect(this_thread.chores, 0)) ravel_saving_vectors(ravel_do_chores, nullptr);
}

[[gnu::always_inline]] inline bool checked_here() { return !this_thread.inside && !this_thread.ignoring; }

// Where accesses are points of a controlled run others may go first. Afterwards the segment ends, or the inline checks of this goroutine's
// next accesses to the same bytes would pass without a call.
class point_of_schedule {
 public:
  [[gnu::always_inline]] point_of_schedule(std::uintptr_t address, const point& at) {
    if (__builtin_expect(!hooks::points_at_accesses.any(), 1) || !hooks::points_at_accesses.is_point(at.site)) return;
    const schedule_point p{address, at.site, at.frame, at.write};
    ravel_saving_vectors(ravel_take_schedule_point, &p);
    taken_ = true;
  }
  [[gnu::always_inline]] ~point_of_schedule() {
    if (__builtin_expect(taken_, 0)) ravel_saving_vectors(ravel_end_schedule_point, nullptr);
  }
  point_of_schedule(const point_of_schedule&) = delete;
  point_of_schedule& operator=(const point_of_schedule&) = delete;

 private:
  bool taken_ = false;
};

[[gnu::always_inline]] inline void small_access(std::uintptr_t p, std::uint32_t size, const point& at) {
  if (!checked_here()) return;
  const point_of_schedule others(p, at);
  const std::uint32_t offset = p & (granule_size - 1);
  for (std::uint32_t bytes = ((1u << size) - 1) << offset; bytes != 0; bytes >>= 8) {  // size <= 8: two granules at most
    one_granule(p, bytes & all_bytes, at);
    p = (p | (granule_size - 1)) + 1;
  }
}

// A whole block, or part of one, under one lock. Neighbours mostly have equal pasts and make equal steps, so the last step is kept.
[[gnu::always_inline]] inline void range_in_block(std::uintptr_t p, std::uintptr_t stop, const point& at) {
  recording_guard hold_off_collector;
  const held_block hold(block_word(p));
  tag_word last_old = 0, last_new = 0;
  bool have_last = false;
  while (p < stop && !this_thread.pending.present) {
    tag_word* const where = tag_address(p);
    const tag_word tag = load_tag(where);
    const bool whole = (p & (granule_size - 1)) == 0 && stop - p >= granule_size;
    if (whole && have_last && tag == last_old) {
      store_tag(where, last_new);
      p += granule_size;
      continue;
    }
    const std::uintptr_t granule_end = (p | (granule_size - 1)) + 1;
    const std::uintptr_t last = granule_end < stop ? granule_end : stop;
    const byte_mask bytes = (((1u << (last - p)) - 1) << (p & (granule_size - 1))) & all_bytes;
    step_locked(p, bytes, at);
    have_last = whole;
    last_old = tag;
    last_new = load_tag(where);
    p = last;
  }
}

// All granules of [p, stop), 8-aligned, say that this segment has accessed them.
[[gnu::always_inline]] inline bool recorded_in_block(std::uintptr_t p, std::uintptr_t stop, bool write) {
  const tag_word current = __ravel_current;
  tag_word differing = 0;
  for (const tag_word *t = tag_address(p), *end = tag_address(stop); t != end; ++t) differing |= load_tag(t) ^ current;
  return (differing & (RAVEL_TAG_SEGMENT | (write ? 0xFF00u : 0xFFu))) == 0;
}

[[gnu::always_inline]] inline void range_access(std::uintptr_t p, std::size_t size, const point& at) {
  if (size == 0 || !checked_here() || !is_shadowed(p)) return;
  const point_of_schedule others(p, at);
  const std::uintptr_t end = p + size;
  while (p < end) {
    const std::uintptr_t block_end = (p | (block_size - 1)) + 1;
    const std::uintptr_t stop = block_end < end ? block_end : end;
    if (((p | stop) & (granule_size - 1)) != 0 || !recorded_in_block(p, stop, at.write)) {
      range_in_block(p, stop, at);
      if (__builtin_expect(this_thread.chores, 0)) ravel_saving_vectors(ravel_do_chores, nullptr);
    }
    p = stop;
  }
}

// A loop's accesses are checked as one run; each is of the size its site says.
[[gnu::always_inline]] inline std::uint32_t reported_size(const ravel_site* site, std::size_t size) {
  return (site->flags & RAVEL_SITE_RANGE) == 0 && site->size != 0 ? site->size : static_cast<std::uint32_t>(size);
}

}  // namespace

void check_range(const void* address, std::size_t size, bool write, const ravel_site* site, ravel_u64 context, const void* frame) {
  range_access(reinterpret_cast<std::uintptr_t>(address), size, point{site, context, frame, static_cast<std::uint32_t>(size), write});
}

}  // namespace ravel::detector

using ravel::detector::point;

#define RAVEL_SMALL(size)                                                                                                           \
  RAVEL_COLD void __ravel_read##size(const void* address, const ravel_site* site, ravel_u64 context) {                              \
    ravel::detector::small_access(reinterpret_cast<std::uintptr_t>(address), size,                                                  \
                                  point{site, context, __builtin_frame_address(0), size, false});                                   \
  }                                                                                                                                 \
  RAVEL_COLD void __ravel_write##size(const void* address, const ravel_site* site, ravel_u64 context) {                             \
    ravel::detector::small_access(reinterpret_cast<std::uintptr_t>(address), size,                                                  \
                                  point{site, context, __builtin_frame_address(0), size, true});                                    \
  }

extern "C" {

RAVEL_SMALL(1)
RAVEL_SMALL(2)
RAVEL_SMALL(4)
RAVEL_SMALL(8)

RAVEL_COLD void __ravel_check_fields_from(const void* address, const ravel_site* site, ravel_u64 context) {
  for (;; ++site) {
    ravel::detector::small_access(ravel::detector::field_address(address, *site), site->size,
                                  point{site, context, __builtin_frame_address(0), site->size, (site->flags & RAVEL_SITE_WRITE) != 0});
    if ((site->flags & RAVEL_SITE_MORE) == 0) return;
  }
}

RAVEL_COLD void __ravel_read16(const void* address, const ravel_site* site, ravel_u64 context) {
  ravel::detector::range_access(reinterpret_cast<std::uintptr_t>(address), 16, point{site, context, __builtin_frame_address(0), 16, false});
}
RAVEL_COLD void __ravel_write16(const void* address, const ravel_site* site, ravel_u64 context) {
  ravel::detector::range_access(reinterpret_cast<std::uintptr_t>(address), 16, point{site, context, __builtin_frame_address(0), 16, true});
}
RAVEL_COLD void __ravel_read_range(const void* address, ravel_u64 size, const ravel_site* site, ravel_u64 context) {
  ravel::detector::range_access(reinterpret_cast<std::uintptr_t>(address), size,
                                point{site, context, __builtin_frame_address(0), ravel::detector::reported_size(site, size), false});
}
RAVEL_COLD void __ravel_write_range(const void* address, ravel_u64 size, const ravel_site* site, ravel_u64 context) {
  ravel::detector::range_access(reinterpret_cast<std::uintptr_t>(address), size,
                                point{site, context, __builtin_frame_address(0), ravel::detector::reported_size(site, size), true});
}

}  // extern "C"
