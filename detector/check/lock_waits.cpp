#include "detector/check/lock_waits.hpp"

#include <algorithm>
#include <vector>

#include "detector/base/spin_lock.hpp"
#include "detector/check/describe.hpp"
#include "detector/check/held_locks.hpp"
#include "detector/race/calling_context.hpp"
#include "detector/race/thread_state.hpp"

namespace ravel::detector {

namespace {

struct lock_wait {
  goroutine_state* g;
  const void* lock;
  bool shared;
  stack_id at;
  lock_set_id holds;

  const held_lock_record* own() const { return held(holds, lock); }  // what of the wanted lock it holds itself
};

constinit spin_lock waits_lock;  // guards the list
std::vector<lock_wait>& waits() {
  static auto& all = *new std::vector<lock_wait>;
  return all;
}

// Does `w` have to wait for `other`? For one that holds the lock, or, reading, for a writer that came before.
bool waits_for(const lock_wait& w, const lock_wait& other) {
  if (const held_lock_record* h = held(other.holds, w.lock); h != nullptr && other.g != w.g && keeps_out(*h, w.shared)) return true;
  return w.shared && other.lock == w.lock && !other.shared && other.g != w.g;
}

// A way from `at` back to `first`, depth first; `path` ends with `at`.
bool find_circle(const std::vector<lock_wait>& all, std::vector<const lock_wait*>& path, std::vector<bool>& seen) {
  const lock_wait& at = *path.back();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!waits_for(at, all[i])) continue;
    if (&all[i] == path.front()) return true;
    if (seen[i]) continue;
    seen[i] = true;
    path.push_back(&all[i]);
    if (find_circle(all, path, seen)) return true;
    path.pop_back();
  }
  return false;
}

std::string wanting(const lock_wait& w, const char* noun) {
  return std::string("waits for the ") + noun + " at " + hex_address(w.lock) + (w.shared ? " for reading" : "");
}

const char* noun(const lock_wait& w) {
  const held_lock_record* h = nullptr;
  for (const lock_wait& other : waits()) {
    if (h == nullptr) h = held(other.holds, w.lock);
  }
  const auto op = h == nullptr ? hooks::operation::mutex_lock : static_cast<hooks::operation>(h->operation);
  return op == hooks::operation::rw_mutex_lock || op == hooks::operation::rw_mutex_rlock ? "rw_mutex" : "mutex";
}

hooks::wait_reason reason_for(const char* noun) {
  return noun[0] == 'r' ? hooks::wait_reason::rw_mutex_lock : hooks::wait_reason::mutex_lock;
}

struct described_wait {
  lock_wait wait;
  const char* noun;
};

void report_circle(const std::vector<described_wait>& circle) {
  report::misuse m;
  bool recursive_read = false;
  for (std::size_t i = 0; i < circle.size(); ++i) {
    const lock_wait& w = circle[i].wait;
    const lock_wait& next = circle[(i + 1) % circle.size()].wait;
    if (w.own() != nullptr) recursive_read = true;
    w.g->reported_stuck = true;
    const bool queued = held(next.holds, w.lock) == nullptr;
    m.parties.push_back(party_of(*w.g, wanting(w, circle[i].noun) + (queued ? ", behind the writer " : ", which is held by ") + name_of_goroutine(*next.g), w.at, w.holds));
    m.parties.back().waits_for = {reinterpret_cast<std::uintptr_t>(w.lock)};
    m.objects.push_back(object_of(w.lock, reason_for(circle[i].noun)));
  }
  m.id = recursive_read ? "M06" : "M07";
  m.title = recursive_read ? "read lock taken again while a writer waits" : "goroutines wait for each other's locks";
  m.why = recursive_read
              ? "a goroutine that has the lock for reading asks for it again; a writer came in between, lets no new reader in and waits for the first read lock to go."
              : "each goroutine waits for a lock that the next one holds, so none of them can ever go on.";
  submit_misuse(report::finding_kind::deadlock, std::move(m));
}

}  // namespace

void begin_lock_wait(goroutine_state& g, const void* lock, hooks::lock_mode mode, const void* frame) {
  const inside_detector guard;
  const lock_wait mine{&g, lock, mode == hooks::lock_mode::shared, stack_of_event(frame), g.locks};
  std::vector<described_wait> circle;
  {
    const locked hold(waits_lock);
    std::vector<lock_wait>& all = waits();
    all.push_back(mine);
    g.wants_lock = true;
    std::vector<const lock_wait*> path{&all.back()};
    std::vector<bool> seen(all.size());
    if (find_circle(all, path, seen)) {
      for (const lock_wait* w : path) circle.push_back({*w, noun(*w)});
    }
  }
  const bool handed_over = std::any_of(circle.begin(), circle.end(), [](const described_wait& w) { return is_handed_over(w.wait.lock); });
  if (!circle.empty() && !handed_over) report_circle(circle);
}

void end_lock_wait(goroutine_state& g) {
  const inside_detector guard;
  const locked hold(waits_lock);
  std::erase_if(waits(), [&](const lock_wait& w) { return w.g == &g; });
  g.wants_lock = false;
}

void report_self_locks() {
  std::vector<described_wait> found;
  {
    const locked hold(waits_lock);
    for (const lock_wait& w : waits()) {
      if (w.own() != nullptr) found.push_back({w, noun(w)});
    }
  }
  for (const auto& [w, noun] : found) {
    const held_lock_record& first = *w.own();
    if (is_handed_over(w.lock) || w.g->reported_stuck || (w.shared && first.shared)) continue;  // the last only with a writer: a circle
    report::misuse m;
    m.id = !first.shared && !w.shared ? "M03" : first.shared ? "M04" : "M05";
    m.title = m.id == "M03"   ? "lock taken twice by one goroutine"
              : m.id == "M04" ? "lock wanted for writing by a goroutine that has it for reading"
                              : "lock wanted for reading by a goroutine that has it for writing";
    m.parties.push_back(party_of(*w.g, wanting(w, noun) + ", which it holds itself", w.at, w.holds));
    m.parties.back().waits_for = {reinterpret_cast<std::uintptr_t>(w.lock)};
    m.objects.push_back(object_of(w.lock, reason_for(noun)));
    m.why = std::string("the ") + noun + " is not recursive: the goroutine waits for itself to unlock it, and no other goroutine is left that would.";
    submit_misuse(report::finding_kind::deadlock, std::move(m));
  }
}

}  // namespace ravel::detector
