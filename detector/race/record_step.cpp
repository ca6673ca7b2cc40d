// Compiled for general registers only: the cold entry points run it between values that instrumented code holds in vector registers.

#include "detector/race/record_step.hpp"

#include "detector/race/between_runs.hpp"
#include "detector/race/collector.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "detector/shadow/transition.hpp"

namespace ravel::detector {

namespace {

// `collection`: as it was before the step.
void remember(tag_word old, const transition_result& result, const access_request& request, const goroutine_state& g, segment_id segment,
              std::uint32_t collection) {
  if (result.unchanged && result.tag == old && request.nature == access_nature::memory) {
    remember_covered(old, result.covered, request.kind, segment, collection);
    return;
  }
  if (segment_of(result.tag) != segment || is_atomic(request.kind)) return;
  if (result.point != 0) {
    const std::uint64_t point = point_of(request.site, request.context, g.locks, request.address);
    named_point_for(point, request.kind) = {point, collection, segment, static_cast<std::uint16_t>(result.point), request.kind, request.nature};
    return;
  }
  const std::uint32_t shape = shape_of(request.bytes, request.kind, request.nature);
  const std::uint64_t point = point_of(request.site, request.context, g.locks, request.address);
  memo_line_for(old, point, shape) = {old, result.tag, point, shape, collection};
}

}  // namespace

void record_step(const access_request& request, stack_id stack) {
  goroutine_state& g = *this_thread.self;
  if (g.ignore_depth != 0) return;

  access_record record{};
  record.site = request.site;
  record.stack = stack;
  record.goroutine = g.index;
  record.locks = g.locks;
  record.bytes = static_cast<std::uint8_t>(request.bytes);
  record.kind = request.kind;
  record.nature = request.nature;
  record.own_thread_local = is_thread_local(request.address);

  const std::uint32_t collection = collections.load(std::memory_order_acquire);
  tag_word* const where = tag_address(request.address);
  const tag_word old = load_tag(where);
  for (;;) {
    const segment_id segment = present_segment(g);
    // Of the segment, not the clock: where a release was undone, the clock may have gone on (sync_events: retaken).
    record.chain = segment_table::at(segment).chain;
    record.time = segment_table::at(segment).time;
    const transition_result result = transition(old, record, g.clock, segment);
    if (result.segment_full) {
      begin_alias_segment(g);
      continue;
    }
    if (result.tag != old) {
      store_tag(where, result.tag);
      if (g.number_in_run != 0 && !names_point(result.tag)) histories_of_runs.note(request.address & ~(granule_size - 1));
    }
    if (!result.races) {
      remember(old, result, request, g, segment, collection);
    } else if (pending_race& p = this_thread.pending; !p.present) {
      p.present = this_thread.chores = true;
      p.size = request.size;
      p.address = request.address;
      p.current = record;
      p.previous = result.conflict;
    }
    break;
  }
  if (collection_is_due()) this_thread.chores = true;
}

extern "C" void ravel_begin_segment(const void*) { present_segment(*this_thread.self); }

extern "C" void ravel_record_prepared(const void* argument) {
  const auto& request = *static_cast<const access_request*>(argument);
  record_step(request, known_stack_for(request.context).stack);
}

}  // namespace ravel::detector
