#include "detector/check/stuck.hpp"

#include <algorithm>
#include <map>

#include "detector/check/describe.hpp"
#include "detector/check/held_locks.hpp"
#include "detector/check/reachability.hpp"

namespace ravel::detector {

namespace {

using hooks::activity;
using hooks::wait_reason;

struct seen_goroutine {
  goroutine_state* g;
  activity state;
  wait_reason reason;
  std::vector<const void*> objects;
  std::uintptr_t low, high;  // of its stack in use
  std::uintptr_t record_low, record_high;
  bool alive = false;
};

// What wakes it is no goroutine, or nothing has to.
bool lives_by_itself(const seen_goroutine& s) {
  if (s.state != activity::waiting) return true;
  return s.reason == wait_reason::sleep || s.reason == wait_reason::io_wait || s.reason == wait_reason::blocking_call;
}

std::vector<seen_goroutine> look_around() {
  std::vector<seen_goroutine> all;
  hooks::visit_snapshots(&all, [](void* out, const hooks::goroutine_snapshot& s) {
    if (s.view->detector_state == nullptr) return;
    auto* g = static_cast<goroutine_state*>(s.view->detector_state);
    seen_goroutine seen{g, s.state, s.view->waiting_for, std::vector<const void*>(s.objects, s.objects + s.object_count), s.stack_pointer, stack_end(*g), 0, 0};
    if (seen.low == 0) seen.low = g->stack_low;
    seen.record_low = reinterpret_cast<std::uintptr_t>(s.record);
    seen.record_high = seen.record_low + s.record_size;
    static_cast<std::vector<seen_goroutine>*>(out)->push_back(std::move(seen));
  });
  return all;
}

// Holders of a lock or once that keep `s` out.
std::vector<goroutine_state*> holders_for(const seen_goroutine& s, const std::vector<seen_goroutine>& all) {
  std::vector<goroutine_state*> holders;
  if (s.objects.size() != 1) return holders;
  const void* object = s.objects.front();
  if (s.reason == wait_reason::once_call) {
    if (goroutine_state* g = runner_of_once(object)) holders.push_back(g);
  } else if (is_for_lock(s.reason) && !is_handed_over(object)) {
    for (const seen_goroutine& other : all) {
      const held_lock_record* h = held(other.g->locks, object);
      // A reader that has to wait while others read waits for a writer behind them, and so for them.
      if (h != nullptr) holders.push_back(other.g);
    }
  }
  return holders;
}

// Nobody will send on the channel or close it, whoever can get at it: all handles that are left are recv_chans. So says their count, which is exact,
// of a channel in a global too. A select that sends on it would have a handle that can.
bool can_only_be_received_from(const seen_goroutine& s, const void* object) {
  return (s.reason == wait_reason::chan_receive || s.reason == wait_reason::select) && !hooks::facts_of_channel(object).has_senders;
}

class search {
 public:
  // `but`: somebody who is not looked at, nor what only he can get at; null: nobody.
  explicit search(std::vector<seen_goroutine>& all, const seen_goroutine* but = nullptr) : all_(all), but_(but), memory_(stacks_of(all, but)) {
    for (seen_goroutine& s : all_) by_state_[s.g] = &s;
  }

  bool possible() const { return memory_.complete(); }

  void run() {
    memory_.add_roots();
    for (seen_goroutine& s : all_) {
      if (&s != but_ && lives_by_itself(s)) revive(s);
    }
    for (bool more = true; more;) {
      memory_.follow();
      more = false;
      for (seen_goroutine& s : all_) {
        if (s.alive || &s == but_ || !can_be_woken(s)) continue;
        revive(s);
        more = true;
      }
    }
  }

  bool reached(const void* object) { return memory_.reaches(reinterpret_cast<std::uintptr_t>(object)); }

 private:
  static std::vector<reachability::stack> stacks_of(const std::vector<seen_goroutine>& all, const seen_goroutine* but) {
    std::vector<reachability::stack> stacks;
    for (const seen_goroutine& s : all) {
      if (&s == but) continue;
      const std::uintptr_t frame = s.g == running() ? 0 : hooks::parked_frame_pointer(*s.g->view);
      stacks.push_back({s.low, frame >= s.low && frame < s.high ? frame + 16 : s.low + 8, s.high, false});
    }
    return stacks;
  }

  void revive(seen_goroutine& s) {
    s.alive = true;
    memory_.add_memory(s.low, s.high);
    memory_.add_memory(s.record_low, s.record_high);
  }

  bool can_be_woken(const seen_goroutine& s) {
    const std::vector<goroutine_state*> holders = holders_for(s, all_);
    // Go lets any goroutine unlock a mutex: who waits for one that it locked itself may mean another to unlock it.
    const bool its_own = std::find(holders.begin(), holders.end(), s.g) != holders.end() && is_for_lock(s.reason);
    if (!holders.empty() && !its_own) {
      return std::all_of(holders.begin(), holders.end(), [&](goroutine_state* h) {
        const auto at = by_state_.find(h);
        return at == by_state_.end() || at->second->alive;
      });
    }
    return std::any_of(s.objects.begin(), s.objects.end(),
                       [&](const void* o) { return reached(o) && !can_only_be_received_from(s, o); });
  }

  std::vector<seen_goroutine>& all_;
  const seen_goroutine* but_;
  reachability memory_;
  std::map<const goroutine_state*, seen_goroutine*> by_state_;
};

stuck_goroutine as_stuck(const seen_goroutine& s, const std::vector<seen_goroutine>& all) {
  const std::vector<goroutine_state*> holders = holders_for(s, all);
  return {s.g, s.reason, s.objects, holders.empty() ? nullptr : holders.front()};
}

}  // namespace

standstill find_stuck(bool nothing_to_come) {
  std::vector<seen_goroutine> all = look_around();
  if (!nothing_to_come) {
    search s(all);
    if (!s.possible()) return {{}, true};
    s.run();
  }
  standstill found{{}, false};
  for (const seen_goroutine& s : all) {
    if (s.alive) found.anybody_alive = true;
    else if (s.reason != wait_reason::none) found.stuck.push_back(as_stuck(s, all));
  }
  return found;
}

standstill find_endless() {
  standstill found{{}, true};
  std::vector<seen_goroutine> all = look_around();
  for (seen_goroutine& s : all) {
    if (s.reason != wait_reason::select || s.objects.size() < 2) continue;
    for (seen_goroutine& other : all) other.alive = false;
    search others(all, &s);
    if (!others.possible()) return found;
    others.run();
    std::vector<const void*> lost;
    for (const void* o : s.objects) {
      if (!others.reached(o) || can_only_be_received_from(s, o)) lost.push_back(o);
    }
    if (lost.empty() || lost.size() == s.objects.size()) continue;
    found.stuck.push_back(as_stuck(s, all));
    found.stuck.back().objects = std::move(lost);
  }
  return found;
}

standstill find_waiting() {
  const std::vector<seen_goroutine> all = look_around();
  standstill found{{}, true};
  for (const seen_goroutine& s : all) {
    if (!lives_by_itself(s) && s.reason != wait_reason::none) found.stuck.push_back(as_stuck(s, all));
  }
  return found;
}

}  // namespace ravel::detector
