// The cold entry points of instrumented code, and within them the frequent half: a step of the rule that this thread has made before.
//
// Why it has this shape: the caller's check has failed, but he keeps all his values in registers (preserve_all), so this file is compiled
// for general registers only and calls nothing that may use others, except through ravel_saving_vectors. A known step costs a memo line,
// one compare-and-swap on the block's lock and two stores. Rejected: a memo per access site (no faster, more code), one per goroutine
// (10 KB each at a million goroutines; a line names its segment, so one per thread serves all).

#include "detector/race/checked_range.hpp"
#include "detector/race/record_access.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "runtime/abi/ravel_abi.h"

namespace ravel::detector {
namespace {

struct point {
  const ravel_site* site;
  std::uint64_t context;
  const void* frame;
  std::uint32_t size;
  bool write;
};

[[gnu::always_inline]] inline bool known(const memo_line& m, tag_word tag, const point& at, std::uint32_t shape, tag_word current) {
  return m.old_tag == tag && m.site == at.site && m.context == at.context && m.shape == shape && m.segment == segment_of(current) &&
         m.generation == collections.load(std::memory_order_acquire) && m.locks == this_thread.self_locks;
}

// One granule, its block locked by the caller. Returns true when a race waits in this_thread.pending.
[[gnu::always_inline]] inline void step_locked(std::uintptr_t address, byte_mask bytes, const point& at) {
  tag_word* const where = tag_address(address);
  const tag_word tag = load_tag(where);
  const tag_word current = __ravel_current;
  if (already_recorded(tag, current, bytes, at.write)) return;
  const std::uint32_t shape = shape_of(bytes, at.write ? access_class::plain_write : access_class::plain_read);
  const memo_line& m = memo_line_for(tag, at.site, shape);
  if (known(m, tag, at, shape, current)) {
    if (m.new_tag != tag) store_tag(where, m.new_tag);
    return;
  }
  const access_request request{address, at.site, at.context, at.frame, at.size, bytes,
                               at.write ? access_class::plain_write : access_class::plain_read, access_nature::memory, true};
  ravel_saving_vectors(reinterpret_cast<void (*)(const void*)>(ravel_record_access), &request);
}

// A read of shared data that others read too changes nothing, again and again: answered without the lock. Sound because the tag was
// read once and the line says what it leads to: itself.
[[gnu::always_inline]] inline bool changes_nothing(std::uintptr_t address, byte_mask bytes, const point& at) {
  const tag_word tag = load_tag(tag_address(address));
  if (already_recorded(tag, __ravel_current, bytes, at.write)) return true;
  const std::uint32_t shape = shape_of(bytes, at.write ? access_class::plain_write : access_class::plain_read);
  const memo_line& m = memo_line_for(tag, at.site, shape);
  return m.new_tag == tag && known(m, tag, at, shape, __ravel_current);
}

[[gnu::always_inline]] inline void one_granule(std::uintptr_t address, byte_mask bytes, const point& at) {
  if (changes_nothing(address, bytes, at)) return;
  std::uint32_t* const word = block_word(address);
  const std::uint32_t bits = lock_block(word);
  step_locked(address, bytes, at);
  unlock_block(word, bits);
  if (__builtin_expect(this_thread.pending.present, 0)) ravel_saving_vectors(ravel_report_pending, nullptr);
}

[[gnu::always_inline]] inline bool checked_here() { return !this_thread.inside && !this_thread.ignoring; }

[[gnu::always_inline]] inline void small_access(std::uintptr_t p, std::uint32_t size, const point& at) {
  if (!checked_here()) return;
  const std::uint32_t offset = p & (granule_size - 1);
  const std::uint32_t bytes = ((1u << size) - 1) << offset;  // size <= 8
  one_granule(p, bytes & all_bytes, at);
  if (bytes > all_bytes) one_granule((p | (granule_size - 1)) + 1, bytes >> 8, at);
}

[[gnu::always_inline]] inline void range_access(std::uintptr_t p, std::size_t size, const point& at) {
  if (size == 0 || !checked_here() || !is_shadowed(p)) return;
  const std::uintptr_t end = p + size;
  while (p < end) {
    // Up to the end of this block under one lock.
    const std::uintptr_t block_end = (p | (block_size - 1)) + 1;
    const std::uintptr_t stop = block_end < end ? block_end : end;
    std::uint32_t* const word = block_word(p);
    const std::uint32_t bits = lock_block(word);
    while (p < stop) {
      const std::uintptr_t granule_end = (p | (granule_size - 1)) + 1;
      const std::uintptr_t last = granule_end < stop ? granule_end : stop;
      const byte_mask bytes = (((1u << (last - p)) - 1) << (p & (granule_size - 1))) & all_bytes;
      step_locked(p, bytes, at);
      p = last;
      if (__builtin_expect(this_thread.pending.present, 0)) break;
    }
    unlock_block(word, bits);
    if (__builtin_expect(this_thread.pending.present, 0)) ravel_saving_vectors(ravel_report_pending, nullptr);
  }
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

RAVEL_COLD void __ravel_read16(const void* address, const ravel_site* site, ravel_u64 context) {
  ravel::detector::range_access(reinterpret_cast<std::uintptr_t>(address), 16, point{site, context, __builtin_frame_address(0), 16, false});
}
RAVEL_COLD void __ravel_write16(const void* address, const ravel_site* site, ravel_u64 context) {
  ravel::detector::range_access(reinterpret_cast<std::uintptr_t>(address), 16, point{site, context, __builtin_frame_address(0), 16, true});
}
RAVEL_COLD void __ravel_read_range(const void* address, ravel_u64 size, const ravel_site* site, ravel_u64 context) {
  ravel::detector::range_access(reinterpret_cast<std::uintptr_t>(address), size,
                                point{site, context, __builtin_frame_address(0), static_cast<std::uint32_t>(size), false});
}
RAVEL_COLD void __ravel_write_range(const void* address, ravel_u64 size, const ravel_site* site, ravel_u64 context) {
  ravel::detector::range_access(reinterpret_cast<std::uintptr_t>(address), size,
                                point{site, context, __builtin_frame_address(0), static_cast<std::uint32_t>(size), true});
}

}  // extern "C"
