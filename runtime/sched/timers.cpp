#include "runtime/sched/timers.hpp"

#include <time.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "runtime/sched/controlled.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {
constexpr std::uintptr_t sleeper_bit = 1;
constexpr std::size_t at_once = 64;           // due entries taken per hold of the lock
constexpr std::int64_t dead_tolerated = 64;
}  // namespace

bool timer_heap::entry::dead() const {
  if ((what & sleeper_bit) != 0) return false;
  return reinterpret_cast<timer_base*>(what)->generation.load(std::memory_order_relaxed) != generation;
}

void timer_heap::push_locked(const entry& e) {
  std::size_t i = heap_.size();
  if (heap_.size() == heap_.capacity()) {
    const hooks::own_use ours;  // what is left in memory that is not yet used must not seem to be held by the program
    heap_.reserve(std::max<std::size_t>(64, 2 * heap_.capacity()));
  }
  heap_.push_back(e);
  for (; i != 0 && e.when < heap_[(i - 1) / 4].when; i = (i - 1) / 4) heap_[i] = heap_[(i - 1) / 4];
  heap_[i] = e;
}

void timer_heap::sift_down_locked(std::size_t i) {
  const entry e = heap_[i];
  const std::size_t n = heap_.size();
  for (;;) {
    std::size_t least = i;
    std::int64_t when = e.when;
    for (std::size_t c = 4 * i + 1; c <= 4 * i + 4 && c < n; ++c) {
      if (heap_[c].when < when) when = heap_[least = c].when;
    }
    if (least == i) break;
    heap_[i] = heap_[least];
    i = least;
  }
  heap_[i] = e;
}

timer_heap::entry timer_heap::pop_locked() {
  const entry top = heap_[0];
  heap_[0] = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sift_down_locked(0);
  return top;
}

void timer_heap::add_entry(const entry& e) {
  live_.fetch_add(1, std::memory_order_seq_cst);
  const std::lock_guard hold(lock_);
  push_locked(e);
  show_next_locked();
}

void timer_heap::add(std::int64_t when, timer_base& t, std::uint64_t generation) {
  add_entry({when, reinterpret_cast<std::uintptr_t>(&t), generation});
}
void timer_heap::add_sleeper(std::int64_t when, goroutine& g) { add_entry({when, reinterpret_cast<std::uintptr_t>(&g) | sleeper_bit, 0}); }

void timer_heap::stopped() noexcept {
  live_.fetch_sub(1, std::memory_order_seq_cst);
  if (dead_.fetch_add(1, std::memory_order_relaxed) < dead_tolerated + live_.load(std::memory_order_relaxed)) return;
  std::vector<timer_base*> gone;
  {
    const std::lock_guard hold(lock_);
    std::swap(gone, gone_);
    const auto kept = std::partition(heap_.begin(), heap_.end(), [](const entry& e) { return !e.dead(); });
    for (auto e = kept; e != heap_.end(); ++e) gone.push_back(reinterpret_cast<timer_base*>(e->what));
    heap_.erase(kept, heap_.end());
    for (std::size_t i = heap_.size() / 4 + 1; i-- > 0;) {
      if (i < heap_.size()) sift_down_locked(i);
    }
    dead_.store(0, std::memory_order_relaxed);
    show_next_locked();
  }
  for (timer_base* t : gone) t->drop(*t);  // may run users' destructors, so under no lock
  gone.clear();
  const std::lock_guard hold(lock_);
  if (gone.capacity() > gone_.capacity()) std::swap(gone, gone_);
}

void timer_heap::visit_timers(void* context, void (*visit)(void* context, const void* timer)) {
  const std::lock_guard hold(lock_);
  for (const entry& e : heap_) {
    if ((e.what & sleeper_bit) == 0 && !e.dead()) visit(context, reinterpret_cast<const void*>(e.what));
  }
}

bool timer_heap::run_due(std::int64_t now) {
  if (next() > now) return false;
  entry due[at_once];
  std::size_t n = 0;
  do {
    n = 0;
    {
      const std::lock_guard hold(lock_);
      while (n < at_once && !heap_.empty() && heap_[0].when <= now) due[n++] = pop_locked();
      show_next_locked();
    }
    for (std::size_t i = 0; i < n; ++i) {
      fire(due[i]);
    }
  } while (n == at_once);
  return true;
}

void timer_heap::fire(const entry& e) {
  if ((e.what & sleeper_bit) != 0) {
    ready_last(*reinterpret_cast<goroutine*>(e.what & ~sleeper_bit));
    finished();
    return;
  }
  auto* t = reinterpret_cast<timer_base*>(e.what);
  if (e.dead()) dead_.fetch_sub(1, std::memory_order_relaxed);
  else t->due(*t, e.generation, *this);
  t->drop(*t);
}

bool timer_heap::fire_one(std::int64_t now, std::uint32_t (*choose)(std::uint32_t n)) {
  std::vector<entry> due;
  std::size_t chosen = 0;
  {
    const std::lock_guard hold(lock_);
    while (!heap_.empty() && heap_[0].when <= now) due.push_back(pop_locked());
    std::size_t alive = 0;
    for (const entry& e : due) alive += !e.dead();
    if (alive > 1) {
      std::size_t nth = choose(static_cast<std::uint32_t>(alive));
      while (due[chosen].dead() || nth-- != 0) ++chosen;
    }
    for (std::size_t i = 0; i < due.size(); ++i) {
      if (i != chosen) push_locked(due[i]);
    }
    show_next_locked();
  }
  if (due.empty()) return false;
  fire(due[chosen]);
  return true;
}

void timer_heap::fire_this(const void* timer, const goroutine* sleeper, std::int64_t& now) {
  const std::uintptr_t wanted = timer != nullptr ? reinterpret_cast<std::uintptr_t>(timer) : reinterpret_cast<std::uintptr_t>(sleeper) | sleeper_bit;
  entry due{};
  {
    const std::lock_guard hold(lock_);
    std::vector<entry> rest;
    for (entry& e : heap_) {
      if (due.what == 0 && e.what == wanted && !e.dead()) due = e;
      else rest.push_back(e);
    }
    if (due.what == 0) return;
    heap_.clear();
    for (const entry& e : rest) push_locked(e);
    show_next_locked();
  }
  now = std::max(now, due.when);
  fire(due);
}

std::int64_t timer_heap::next_for_somebody() {
  const std::lock_guard hold(lock_);
  std::int64_t next = never;
  for (const entry& e : heap_) {
    const bool periodic = (e.what & sleeper_bit) == 0 && reinterpret_cast<timer_base*>(e.what)->periodic;
    if (!e.dead() && !periodic) next = std::min(next, e.when);
  }
  return next;
}

void timer_heap::clear() {
  for (;;) {
    std::vector<entry> gone;
    {
      const std::lock_guard hold(lock_);
      gone.swap(heap_);
      show_next_locked();
    }
    if (gone.empty()) break;
    for (const entry& e : gone) {
      if ((e.what & sleeper_bit) != 0) continue;
      auto* t = reinterpret_cast<timer_base*>(e.what);
      if (!e.dead()) t->cancel(*t);
      t->drop(*t);
    }
  }
  live_.store(0, std::memory_order_seq_cst);
  dead_.store(0, std::memory_order_relaxed);
}

std::int64_t now_ns() noexcept {
  if (hooks::maybe_controlled()) {
    if (const std::int64_t virtual_now = hooks::detail::controlled_time(); virtual_now >= 0) return virtual_now;
  }
  return real_now_ns();
}

std::int64_t real_now_ns() noexcept {
  timespec t{};
  if (hooks::maybe_controlled()) {
    const hooks::own_use ours;  // or the answer might be virtual
    ::clock_gettime(CLOCK_MONOTONIC, &t);
  } else {
    ::clock_gettime(CLOCK_MONOTONIC, &t);
  }
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

timer_heap& timers_here() {
  current();
  if (on_controlled_machine()) return controlled.timers;
  machine* m = this_machine();
  return m != nullptr && m->p != nullptr ? m->p->timers : global.all[0]->timers;
}

void note_timer_added() {
  if (on_controlled_machine()) return;
  machine* m = this_machine();
  if (m == nullptr || m->p == nullptr) wake_a_machine();
}

void sleep_until(std::int64_t when) {
  RAVEL_POINT(sleep, nothing, nullptr);
  struct sleeper {
    goroutine* g;
    std::int64_t when;
  } s{&current(), when};
  park(
      [](void* argument) {
        const auto& mine = *static_cast<sleeper*>(argument);
        const std::int64_t at = mine.when;
        goroutine& g = *mine.g;
        machine* m = this_machine();
        // From here on g may run, and `mine` be gone.
        timer_heap& heap = is_controlled(g) ? controlled.timers : m != nullptr && m->p != nullptr ? m->p->timers : global.all[0]->timers;
        heap.add_sleeper(at, g);
        note_timer_added();
      },
      &s, hooks::wait_reason::sleep, nullptr);
}

}  // namespace ravel::sched
