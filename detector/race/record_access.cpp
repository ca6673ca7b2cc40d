#include "detector/race/record_access.hpp"

#include <algorithm>

#include "detector/race/calling_context.hpp"
#include "detector/race/collector.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/race/known_step.hpp"
#include "detector/race/race_report.hpp"
#include "detector/race/record_step.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "runtime/hooks/controlled.hpp"

namespace ravel::detector {

namespace {

stack_id stack_of(const access_request& request) {
  return request.site != nullptr ? stack_of_access(request.context, request.frame) : stack_of_event(request.frame);
}

}  // namespace

void record_access(const access_request& request) {
  {
    inside_detector guard;
    running_or_adopted();
    const stack_id stack = stack_of(request);
    if (request.block_is_locked) {
      record_step(request, stack);
      return;
    }
    recording_guard hold_off_collector;
    const held_block hold(block_word(request.address));
    record_step(request, stack);
  }
  if (this_thread.chores) do_chores();
}

void record_range(std::uintptr_t address, std::size_t size, access_class kind, access_nature nature, const void* frame) {
  if (!is_shadowed(address)) return;
  const std::uintptr_t end = address + size;
  access_request request{address, nullptr, __ravel_context, frame, static_cast<std::uint32_t>(size), 0, kind, nature, true};
  while (address < end) {
    {
      recording_guard hold_off_collector;
      const std::uintptr_t stop = std::min(end, (address | (block_size - 1)) + 1);
      const held_block hold(block_word(address));
      if (segment_of(__ravel_current) == no_segment && this_thread.self != nullptr) present_segment(*this_thread.self);
      while (address < stop && !this_thread.pending.present) {
        const std::uintptr_t last = std::min(stop, (address | (granule_size - 1)) + 1);
        request.address = address;
        request.bytes = (((1u << (last - address)) - 1) << (address & (granule_size - 1))) & all_bytes;
        const tag_word tag = load_tag(tag_address(address));
        const std::uint64_t point = point_of(nullptr, request.context, this_thread.self_locks, address);
        const tag_word next = this_thread.self == nullptr ? 0 : known_step(tag, kind, nature, request.bytes, point, __ravel_current);
        if (next != 0) store_tag(tag_address(address), next);
        else record_access(request);
        address = last;
      }
    }
    if (this_thread.chores) do_chores();
  }
}

void do_chores() {
  this_thread.chores = false;
  if (this_thread.pending.present) {
    const pending_race race = this_thread.pending;
    this_thread.pending = {};  // its address as well: the search for lost goroutines reads what threads hold
    inside_detector guard;
    report_race(race);
  }
  collect_if_due();
}

extern "C" void ravel_prepare_record(const void* argument) {
  const auto& request = *static_cast<const access_request*>(argument);
  inside_detector guard;
  running_or_adopted();
  known_stack_for(request.context) = {request.context, stack_of(request)};
}

extern "C" void ravel_do_chores(const void*) { do_chores(); }

// A run of bytes goes by its first word.
extern "C" void ravel_take_schedule_point(const void* argument) {
  using hooks::op;
  using hooks::touch;
  if (!hooks::in_controlled_run()) return;
  const auto& p = *static_cast<const schedule_point*>(argument);
  hooks::detail::point({p.write ? op::plain_write : op::plain_read, p.write ? touch::writes : touch::reads, 0,
                 reinterpret_cast<const void*>(p.address & ~(granule_size - 1)), nullptr, reinterpret_cast<std::uintptr_t>(p.frame),
                 reinterpret_cast<std::uintptr_t>(p.site)},
                nullptr, hooks::wait_reason::none);
}

extern "C" void ravel_end_schedule_point(const void*) {
  if (goroutine_state* g = running()) end_segment(*g);
}

}  // namespace ravel::detector
