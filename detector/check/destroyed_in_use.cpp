#include "detector/check/destroyed_in_use.hpp"

#include "detector/check/describe.hpp"
#include "detector/check/held_locks.hpp"
#include "detector/race/calling_context.hpp"
#include "detector/race/locate.hpp"

namespace ravel::detector {

namespace {

struct search {
  const void* lock;
  const goroutine_state& destroyer;
  std::vector<report::party>& holders;
};

// Of goroutines that run on other threads only the stack at which they took the lock can be told.
void note_holder(void* argument, goroutine_state& g) {
  auto& s = *static_cast<search*>(argument);
  if (&g == &s.destroyer) return;
  if (const held_lock_record* h = held(g.locks, s.lock)) s.holders.push_back(party_of(g, "holds it", h->acquired_at, g.locks));
}

}  // namespace

// What main leaves behind when it returns goes away with the process, as in Go; so may whatever is in one of its frames.
bool ends_with_the_process(const goroutine_state& g, const void* object) {
  const auto kind = locate(reinterpret_cast<std::uintptr_t>(object), access_nature::memory).kind;
  if (kind == report::location_kind::global) return true;
  return kind == report::location_kind::stack && is_main(g);
}

void report_destroyed_in_use(goroutine_state& g, const void* object, hooks::event_sink::used_object what, const void* frame) {
  const bool group = what == hooks::event_sink::used_object::wait_group;
  const auto reason = group ? hooks::wait_reason::wait_group_wait
                            : what == hooks::event_sink::used_object::mutex ? hooks::wait_reason::mutex_lock : hooks::wait_reason::rw_mutex_lock;
  const std::string noun = noun_for(reason);
  report::misuse m;
  m.id = group ? "W09" : "M12";
  m.title = group ? "wait_group destroyed before all were done" : "lock destroyed while somebody holds it";
  m.parties.push_back(party_of(g, "destroyed the " + noun + " at " + hex_address(object), stack_of_event(frame), g.locks));
  if (!group) {
    // Its own lock a goroutine may drop: nobody will unlock it. One that was handed over is not known to be anybody's.
    if (is_handed_over(object)) return;
    search s{object, g, m.parties};
    for_each_goroutine(&s, note_holder);
    if (m.parties.size() == 1) return;
  }
  m.objects.push_back(object_of(object, reason));
  m.why = group ? "its counter is not zero: goroutines that are still counted will call done on memory that is something else by then."
                : "who holds the lock will unlock memory that is something else by then.";
  submit_misuse(report::finding_kind::sync_misuse, std::move(m));
}

}  // namespace ravel::detector
