#include "detector/check/advice.hpp"

#include "detector/check/describe.hpp"
#include "detector/check/held_locks.hpp"

namespace ravel::detector {

namespace {

struct search {
  const void* lock;
  std::vector<report::party>& holders;
};

void note_holder(void* argument, goroutine_state& g) {
  auto& s = *static_cast<search*>(argument);
  if (const held_lock_record* h = held(g.locks, s.lock)) s.holders.push_back(party_of(g, "locked it", h->acquired_at, g.locks));
}

void submit_advice(report::misuse m) {
  m.advice = true;
  submit_misuse(report::finding_kind::sync_misuse, std::move(m));
}

}  // namespace

void advise_unlocked_by_other(goroutine_state& g, const void* lock) {
  report::misuse m;
  m.id = "M02";
  m.title = "lock released by a goroutine that did not take it";
  m.parties.push_back(party_of(g, "unlocks the lock at " + hex_address(lock), present_stack(g), g.locks));
  search s{lock, m.parties};
  for_each_goroutine(&s, note_holder);
  if (m.parties.size() == 1) return;  // whoever took it has ended, or nobody has: that is a fatal error
  m.objects.push_back(object_of(lock, hooks::wait_reason::mutex_lock));
  m.why = "it orders the two as any unlock and lock do, but who reads the code cannot see who guards what; a channel says that something is handed over.";
  submit_advice(std::move(m));
}

void advise_once_threw(goroutine_state& g, const void* once) {
  report::misuse m;
  m.id = "O03";
  m.title = "once that counts as done although its function threw";
  m.parties.push_back(party_of(g, "leaves the function of the once at " + hex_address(once) + " by an exception", present_stack(g), g.locks));
  m.objects.push_back(object_of(once, hooks::wait_reason::once_call));
  m.why = "later calls return at once, as if it had succeeded; once_func and once_value throw the exception again.";
  submit_advice(std::move(m));
}

}  // namespace ravel::detector
