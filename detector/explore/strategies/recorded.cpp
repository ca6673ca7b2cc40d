// An operation is known by its goroutine and by how many that has done before; a goroutine by who made it and how many that has made before. So
// nothing of the program's addresses or of the numbers of goroutines, which differ, is needed.

#include "detector/explore/strategies/recorded.hpp"

#include <algorithm>

#include "detector/explore/names.hpp"
#include "detector/explore/schedule_log.hpp"
#include "runtime/hooks/hooks.hpp"

namespace ravel::detector::explore {

namespace {

using hooks::op;
using condition = hooks::controlled_goroutine::condition;

constexpr std::uint64_t steps_beyond = 100'000;   // the recording's end, when nobody it knows can go on

std::uint64_t birth(std::uint64_t parent, std::uint32_t nth) { return mix(parent) + nth; }

// Steps that are no operation of the recording's: their goroutine goes on when it was resumed.
bool is_told(op what) {
  switch (what) {
    case op::begin:
    case op::go_on:
    case op::yield:
    case op::sleep:
    case op::fence:
    case op::random:
    case op::end: return false;
    default: return true;
  }
}

std::string place_of(std::uintptr_t frame) {
  const std::uintptr_t place = frame == 0 ? 0 : own_place(frame, frame, frame + (std::uintptr_t{8} << 20));
  if (place == 0) return {};
  const report::frame f = source_of(place);
  if (f.file.empty()) return f.function.empty() ? "" : " in " + f.function;
  return " at " + f.file + ":" + std::to_string(f.line);
}

}  // namespace

recorded_strategy::recorded_strategy(const record::recording& r) : recording_(r) {
  for (const record::recorded_goroutine& g : r.goroutines) by_birth_[birth(g.parent, g.nth)] = &g;
}

bool recorded_strategy::begin(std::uint64_t) {
  all_.clear();
  timers_.clear();
  by_timers_ = last_chosen_ = settled_ = 0;
  repeated_ = beyond_ = 0;
  main_returned_ = false;
  divergence_.clear();
  return true;
}

// Goroutines that have been made since.
void recorded_strategy::meet(const hooks::choice& c) {
  while (all_.size() < c.count) {
    const auto i = static_cast<std::uint32_t>(all_.size());
    const hooks::controlled_goroutine& g = c.all[i];
    followed& f = all_.emplace_back();
    if (i == 0) {
      // The first that was recorded without a parent and not by a timer.
      const auto main = std::find_if(recording_.goroutines.begin(), recording_.goroutines.end(), [](const auto& r) { return r.id == 1; });
      f.as = main != recording_.goroutines.end() ? &*main : nullptr;
    } else if (g.parent == i) {
      const auto known = by_birth_.find(birth(0, by_timers_++));
      if (known != by_birth_.end() && known->second->by_timer) f.as = known->second;
    } else if (all_[g.parent].as != nullptr) {
      const auto known = by_birth_.find(birth(all_[g.parent].as->id, g.nth_child));
      if (known != by_birth_.end()) f.as = known->second;
    }
  }
}

// Whether its next load is one of those that were only counted.
bool recorded_strategy::finds_nothing_new(followed& f) {
  const auto& looks = f.as->looks;
  while (f.next_looks < looks.size() && (looks[f.next_looks].first < f.done || (looks[f.next_looks].first == f.done && f.looked == looks[f.next_looks].second))) {
    ++f.next_looks;
    f.looked = 0;
  }
  return f.next_looks < looks.size() && looks[f.next_looks].first == f.done;
}

std::uint64_t recorded_strategy::stamp_of(const hooks::choice& c, std::uint32_t i) {
  followed& f = all_[i];
  if (i == 0 && main_returned_) return recording_.main_returned != 0 ? recording_.main_returned : never - 1;
  if (f.as == nullptr) return never;
  if (c.all[i].pending.what == op::atomic_load && finds_nothing_new(f)) return 0;
  if (!is_told(c.all[i].pending.what)) {
    const auto& resumed = f.as->resumed;
    while (f.next_resumption < resumed.size() && resumed[f.next_resumption].operation < f.done) ++f.next_resumption;
    if (f.next_resumption < resumed.size() && resumed[f.next_resumption].operation == f.done) return resumed[f.next_resumption].stamp;
  }
  return f.done < f.as->stamp.size() ? f.as->stamp[f.done] : never;
}

hooks::schedule_policy::due recorded_strategy::falls_due(const hooks::choice& c) {
  const hooks::own_use ours;
  meet(c);
  std::uint64_t least = never;
  hooks::schedule_policy::due first;
  timer* fires = nullptr;
  for (timer& t : timers_) {
    if (t.next < t.stamps->size() && (*t.stamps)[t.next] < least) {
      least = (*t.stamps)[t.next];
      fires = &t;
    }
  }
  for (std::uint32_t i = 0; i < c.count; ++i) {
    const hooks::controlled_goroutine& g = c.all[i];
    if (g.is != condition::blocked || g.view->waiting_for != hooks::wait_reason::sleep || all_[i].let_go) continue;
    const std::uint64_t stamp = stamp_of(c, i);
    if (stamp >= least) continue;
    least = stamp;
    first.sleeper = i;
  }
  if (least == never) return {};
  for (std::uint32_t k = 0; k < c.enabled_count; ++k) {
    if (stamp_of(c, c.enabled[k]) < least) return {};
  }
  if (first.sleeper != first.none) {
    all_[first.sleeper].let_go = true;
  } else {
    first.timer = fires->is;
    ++fires->next;
  }
  return first;
}

std::uint32_t recorded_strategy::next(const hooks::choice& c) {
  const hooks::own_use ours;
  meet(c);
  std::uint32_t who = c.enabled[0];
  std::uint64_t least = never;
  for (std::uint32_t k = 0; k < c.enabled_count; ++k) {
    const std::uint64_t stamp = stamp_of(c, c.enabled[k]);
    if (stamp >= least) continue;
    least = stamp;
    who = c.enabled[k];
  }
  if (least == never) {
    if (++beyond_ > steps_beyond) return give_up;
    // By turns: whoever spins there must not keep the others from ending.
    const std::uint32_t* after = std::upper_bound(c.enabled, c.enabled + c.enabled_count, last_chosen_);
    who = after != c.enabled + c.enabled_count ? *after : c.enabled[0];
  }
  followed& f = all_[who];
  f.let_go = false;
  frame_ = c.all[who].pending.frame;
  if (f.as != nullptr && !is_told(c.all[who].pending.what) && f.next_resumption < f.as->resumed.size() &&
      f.as->resumed[f.next_resumption].operation == f.done) {
    ++f.next_resumption;
  }
  return last_chosen_ = who;
}

recorded_strategy::followed* recorded_strategy::running() {
  if (!hooks::in_controlled_run() || hooks::being_unwound()) return nullptr;
  const hooks::goroutine_view* v = hooks::current_goroutine_if_any();
  return v != nullptr && v->id - 1 < all_.size() ? &all_[v->id - 1] : nullptr;
}

void recorded_strategy::note(const std::string& what) {
  if (divergence_.empty()) divergence_ = what;
}

void recorded_strategy::follow(op what, std::uint32_t outcome) {
  const hooks::own_use ours;
  followed* f = running();
  if (f == nullptr || f->as == nullptr) return;
  const std::uint64_t n = f->done++;
  const record::recorded_goroutine& as = *f->as;
  if (n >= as.what.size()) return;   // beyond what was recorded
  const hooks::goroutine_view& v = *hooks::current_goroutine_if_any();
  if (as.what[n] != what || as.outcome[n] != outcome) {
    if (!divergence_.empty()) return;
    std::string said = "operation " + std::to_string(n + 1) + " of goroutine " + std::to_string(v.id) + place_of(frame_) + ": recorded was ";
    said += as.what[n] != what ? std::string(word_for(as.what[n])) + ", it does " + word_for(what)
                               : std::string(word_for(what)) + " with another outcome";
    note(said);
    return;
  }
  ++repeated_;
}

// What a counted look reads is not in the order of what others do: they may have changed it by now, and had not then.
bool recorded_strategy::is_counted_look(const void* atomic, std::uint32_t size, std::uint64_t& value) {
  const hooks::own_use ours;
  followed* f = running();
  if (f == nullptr || f->as == nullptr) return false;
  if (!finds_nothing_new(*f)) {
    f->read[atomic] = {value, size};
    return false;
  }
  ++f->looked;
  if (const auto then = f->read.find(atomic); then != f->read.end() && then->second.size == size) value = then->second.value;
  return true;
}

void recorded_strategy::started_timer(const void* is, hooks::timer_name& name) {
  const hooks::own_use ours;
  const followed* f = running();
  name = {};
  if (f == nullptr || f->as == nullptr) return;
  name = {f->as->id, f->done};
  const auto known = recording_.fired.find({name.goroutine, name.operation});
  std::erase_if(timers_, [is](const timer& t) { return t.is == is; });
  if (known != recording_.fired.end()) timers_.push_back({is, &known->second, 0});
}

void recorded_strategy::fired(const hooks::timer_name&, const owned*) {}

std::uint32_t recorded_strategy::wanted(op what) {
  const followed* f = running();
  if (f == nullptr || f->as == nullptr || f->done >= f->as->what.size() || f->as->what[f->done] != what) return any;
  return f->as->outcome[f->done];
}

void recorded_strategy::remember(std::vector<std::uint32_t>& out) const {
  out.push_back(static_cast<std::uint32_t>(repeated_));
  out.push_back(static_cast<std::uint32_t>(repeated_ >> 32));
  for (const char c : divergence_) out.push_back(static_cast<unsigned char>(c));
}

void recorded_strategy::recall(const std::vector<std::uint32_t>& in) {
  repeated_ = in.size() < 2 ? 0 : in[0] | std::uint64_t{in[1]} << 32;
  divergence_.clear();
  for (std::size_t i = 2; i < in.size(); ++i) divergence_ += static_cast<char>(in[i]);
}

}  // namespace ravel::detector::explore
