#include "detector/race/record_access.hpp"

#include <algorithm>

#include "detector/race/calling_context.hpp"
#include "detector/race/collector.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/race/race_report.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "detector/shadow/transition.hpp"

namespace ravel::detector {

namespace {

// The test of access.cpp, for the accesses that come through here.
bool memo_applies(const memo_line& m, tag_word tag, const access_request& request) {
  const goroutine_state* g = running();
  return g != nullptr && m.old_tag == tag && m.site == request.site && m.context == request.context &&
         m.shape == shape_of(request.bytes, request.kind, request.nature) && m.locks == g->locks && m.segment != no_segment &&
         m.segment == g->segment.load(std::memory_order_relaxed) && m.generation == collections.load(std::memory_order_acquire);
}

void remember(tag_word old, tag_word now, const access_request& request, const goroutine_state& g, segment_id segment) {
  const std::uint32_t shape = shape_of(request.bytes, request.kind, request.nature);
  memo_line_for(old, request.site, shape) = {old, now, request.site, request.context, shape, g.locks, segment,
                                             collections.load(std::memory_order_relaxed)};
}

}  // namespace

void record_access(const access_request& request) {
  inside_detector guard;
  goroutine_state& g = running_or_adopted();
  if (g.ignore_depth != 0) return;

  access_record record{};
  record.site = request.site;
  record.stack = request.site != nullptr ? stack_of_access(request.context, request.frame) : stack_of_event(request.frame);
  record.goroutine = g.index;
  record.locks = g.locks;
  record.bytes = static_cast<std::uint8_t>(request.bytes);
  record.kind = request.kind;
  record.nature = request.nature;

  tag_word* const where = tag_address(request.address);
  std::uint32_t* const word = block_word(request.address);
  const std::uint32_t bits = request.block_is_locked ? 0 : lock_block(word);
  {
    recording_guard hold_off_collector;
    for (;;) {
      const segment_id segment = present_segment(g);
      record.chain = g.clock.chain();
      record.time = g.clock.time();
      const tag_word old = load_tag(where);
      const transition_result result = transition(old, record, g.clock, segment);
      if (result.segment_full) {
        begin_alias_segment(g);
        continue;
      }
      store_tag(where, result.tag);
      if (result.conflict == nullptr) {
        if (!is_atomic(request.kind)) remember(old, result.tag, request, g, segment);
      } else if (!this_thread.pending.present) {
        this_thread.pending = {true, request.size, request.address, record, *result.conflict};
      }
      break;
    }
  }
  if (!request.block_is_locked) {
    unlock_block(word, bits);
    report_pending();
  }
  collect_if_due();
}

void record_range(std::uintptr_t address, std::size_t size, access_class kind, access_nature nature, const void* frame) {
  if (!is_shadowed(address)) return;
  const std::uintptr_t end = address + size;
  access_request request{address, nullptr, __ravel_context, frame, static_cast<std::uint32_t>(size), 0, kind, nature, true};
  while (address < end) {
    std::uint32_t* const word = block_word(address);
    const std::uintptr_t stop = std::min(end, (address | (block_size - 1)) + 1);
    const std::uint32_t bits = lock_block(word);
    while (address < stop && !this_thread.pending.present) {
      const std::uintptr_t last = std::min(stop, (address | (granule_size - 1)) + 1);
      request.address = address;
      request.bytes = (((1u << (last - address)) - 1) << (address & (granule_size - 1))) & all_bytes;
      const tag_word tag = load_tag(tag_address(address));
      const memo_line& m = memo_line_for(tag, nullptr, shape_of(request.bytes, kind, nature));
      if (memo_applies(m, tag, request)) store_tag(tag_address(address), m.new_tag);
      else record_access(request);
      address = last;
    }
    unlock_block(word, bits);
    report_pending();
  }
}

void report_pending() {
  if (!this_thread.pending.present) return;
  const pending_race race = this_thread.pending;
  this_thread.pending.present = false;
  inside_detector guard;
  report_race(race);
}

extern "C" void ravel_record_access(const access_request* request) { record_access(*request); }
extern "C" void ravel_report_pending(const void*) { report_pending(); }

}  // namespace ravel::detector
