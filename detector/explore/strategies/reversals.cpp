#include "detector/explore/strategies/reversals.hpp"

#include <algorithm>

namespace ravel::detector::explore {

namespace {

void join(std::vector<std::uint32_t>& a, const std::uint32_t* b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = std::max(a[i], b[i]);
}

// While the first can be taken the second cannot, whatever others do: who lets go of a lock holds it. Of a lock for readers and writers
// that is only so for a writer who waits; ravel::rw_mutex is not here, whose lock is a step also when it then has to wait.
bool never_both_enabled(const event& first, const event& second) {
  using hooks::op;
  switch (first.what) {
    case op::mutex_unlock: return second.what == op::mutex_lock;
    case op::thread_unlock: return second.what == op::thread_lock && second.how == hooks::touch::writes;
    case op::group_done: return second.what == op::group_wait;
    default: return false;
  }
}

}  // namespace

const std::vector<reversal>& reversals::of(const trace& t, std::uint32_t from) {
  found_.clear();
  steps_.clear();
  after_.clear();
  for (auto& [object, list] : accesses_) list.clear();
  if (accesses_.size() > 4096) accesses_.clear();  // addresses of the heap differ from schedule to schedule
  goroutines_ = t.goroutines;
  present_.resize(std::max(present_.size(), goroutines_));
  for (std::size_t i = 0; i < goroutines_; ++i) present_[i].assign(goroutines_, 0);
  for (const event& e : t.events) {
    switch (e.is) {
      case event::type::created: if (e.who != e.from) present_[e.who] = present_[e.from]; break;
      case event::type::woken: if (e.who != e.from) join(present_[e.who], present_[e.from].data()); break;
      case event::type::choice: break;
      case event::type::step: step(t, e, from); break;
    }
  }
  return found_;
}

void reversals::step(const trace& t, const event& e, std::uint32_t from) {
  const auto number = static_cast<std::uint32_t>(steps_.size());
  steps_.push_back({&e, present_[e.who][e.who]});
  clock& mine = present_[e.who];
  racing_.clear();
  joined_ = mine;
  if (e.how != hooks::touch::nothing) {
    meet(e.object, number, from);
    for (std::uint32_t i = 0; i < e.more_count; ++i) meet(t.objects[e.more_at + i], number, from);
  }
  mine = joined_;
  mine[e.who] = number + 1;
  after_.insert(after_.end(), mine.begin(), mine.end());
  for (const std::uint32_t first : racing_) add(first, number);
}

// Looks back through the steps that touched the object, to the last one that orders all before it.
void reversals::meet(const void* object, std::uint32_t number, std::uint32_t from) {
  const event& e = *steps_[number].e;
  std::vector<std::uint32_t>& list = accesses_[object];
  for (std::size_t i = list.size(); i-- > 0;) {
    const std::uint32_t other = list[i];
    const event& o = *steps_[other].e;
    if (o.who != e.who && conflict(o.how, e.how)) {
      join(joined_, after(other));
      const bool reversible = !never_both_enabled(o, e);
      const bool known = present_[e.who][o.who] > other;
      if (reversible && !known && number >= from && std::find(racing_.begin(), racing_.end(), other) == racing_.end()) racing_.push_back(other);
      if (!reversible && !known) continue;
    }
    if (o.how == hooks::touch::writes) break;
  }
  if (list.empty() || list.back() != number) list.push_back(number);
}

void reversals::add(std::uint32_t first, std::uint32_t second) {
  std::vector<std::uint32_t> initials;
  bool second_waits = false;  // for a step in between that does not depend on the first
  for (std::uint32_t k = first + 1; k < second; ++k) {
    if (comes_after(k, first)) continue;
    second_waits |= comes_after(second, k);
    const std::uint32_t who = steps_[k].e->who;
    if (steps_[k].before_own > first) continue;
    const std::uint32_t* known = after(k);
    bool waits = false;
    for (std::uint32_t g = 0; g < goroutines_; ++g) waits |= g != who && known[g] > first;
    if (!waits) initials.push_back(who);
  }
  if (!second_waits) initials.push_back(steps_[second].e->who);
  found_.push_back({first, std::move(initials)});
}

}  // namespace ravel::detector::explore
