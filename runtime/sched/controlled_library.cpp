// Time, random numbers and futexes of a controlled run, for what stands before the C library's functions (hooks/controlled_library.hpp).
//
// Invariant: c.futex_waiters holds, in the order of their coming, the goroutines that are parked in controlled_futex_wait. A goroutine that is
// unwound takes itself out; what is left when a stack is given up goes when the next run begins.

#include "runtime/hooks/controlled_library.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "runtime/sched/controlled.hpp"
#include "runtime/sched/scheduler.hpp"
#include "runtime/sched/timers.hpp"

namespace ravel::sched {

namespace {

// So many readings of the clock between two waits are a program's that measures; those beyond may be a loop's that waits. They cost time, the
// more the longer nobody changes anything, so that a loop over an hour ends after a few hundred thousand rounds and one over a millisecond at
// about the right moment.
constexpr std::uint32_t free_looks = 64;
constexpr std::int64_t first_cost = 1'000, highest_cost = 10'000'000;

constexpr std::uint32_t seeds = 8;  // a strategy chooses among; few, since each is a tree of schedules of its own

std::uint64_t mixed(std::uint64_t x) {  // splitmix64
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

hooks::controlled_goroutine& here() { return controlled.all[controlled_goroutine_here()->task - 1]; }

// Of the goroutine's place in the tree of goroutines, which other schedules do not change.
std::uint64_t stream_of(std::uint32_t number) {
  const hooks::controlled_goroutine& g = controlled.all[number];
  return g.parent == number ? mixed(number) : mixed(stream_of(g.parent) + g.nth_child + 1);
}

// The deadline of a futex wait. The heap and the waiter both know it; whoever lets go last frees it.
struct futex_timeout final : timer_base {
  goroutine* waiter;
  bool passed = false;
  int users = 2;

  explicit futex_timeout(goroutine& g) : waiter(&g) {
    due = [](timer_base& t, std::uint64_t g, timer_heap& heap) {
      auto& mine = static_cast<futex_timeout&>(t);
      if (mine.generation.load(std::memory_order_relaxed) != g) return;
      mine.generation.store(g + 1, std::memory_order_relaxed);
      mine.passed = true;
      ready(*mine.waiter);
      heap.finished();
    };
    drop = [](timer_base& t) { static_cast<futex_timeout&>(t).let_go(); };
    cancel = [](timer_base& t) { t.generation.fetch_add(1, std::memory_order_relaxed); };
  }
  void let_go() {
    if (--users == 0) delete this;
  }
};

class futex_sleeper {
 public:
  futex_sleeper(goroutine& g, const std::uint32_t* word, std::uint32_t mask, std::int64_t until) : g_(g), until_(until) {
    const hooks::own_use ours;
    controlled.futex_waiters.push_back({word, mask, &g});
    if (until >= 0) timeout_ = new futex_timeout(g);
  }
  ~futex_sleeper() {
    const hooks::own_use ours;
    std::erase_if(controlled.futex_waiters, [this](const controlled_run::futex_waiter& w) { return w.who == &g_; });
    if (timeout_ == nullptr) return;
    if (added_ && !timeout_->passed) {
      timeout_->generation.fetch_add(1, std::memory_order_relaxed);
      controlled.timers.stopped();
    }
    if (!added_) timeout_->let_go();
    timeout_->let_go();
  }
  futex_sleeper(const futex_sleeper&) = delete;
  futex_sleeper& operator=(const futex_sleeper&) = delete;

  int wait(const std::uint32_t* word) {
    park(
        [](void* argument) {
          auto& mine = *static_cast<futex_sleeper*>(argument);
          if (mine.timeout_ == nullptr) return;
          mine.added_ = true;
          controlled.timers.add(mine.until_, *mine.timeout_, 0);
        },
        this, hooks::wait_reason::futex_wait, word);
    return timeout_ != nullptr && timeout_->passed ? ETIMEDOUT : 0;
  }

 private:
  goroutine& g_;
  std::int64_t until_;
  futex_timeout* timeout_ = nullptr;
  bool added_ = false;
};

std::uint32_t choose_due(std::uint32_t n) { return controlled.policy->choose(n); }

}  // namespace

std::int64_t read_clock() noexcept {
  return hooks::maybe_controlled() && controlled_goroutine_here() != nullptr ? hooks::read_controlled_clock() : now_ns();
}

}  // namespace ravel::sched

namespace ravel::hooks {

using namespace sched;

std::int64_t read_controlled_clock() noexcept {
  controlled_run& c = controlled;
  controlled_goroutine& me = here();
  if (c.over || c.unwinding) return c.now;
  me.waits_for_time = true;
  if (++me.clock_looks <= free_looks) return c.now;
  me.clock_cost = me.clock_cost == 0 ? first_cost : me.clock_cost < highest_cost ? me.clock_cost + me.clock_cost / 8 : highest_cost;
  c.now += me.clock_cost;
  while (c.timers.next() <= c.now && c.timers.fire_one(c.now, choose_due)) {}
  return c.now;
}

void sleep_in_controlled_run(std::int64_t nanoseconds) {
  if (nanoseconds <= 0) yield_controlled(*controlled_goroutine_here());
  else sleep_until(controlled.now > timer_heap::never - nanoseconds ? timer_heap::never - 1 : controlled.now + nanoseconds);
}

std::uint64_t controlled_random() noexcept {
  controlled_run& c = controlled;
  if (!c.has_seed) {
    c.has_seed = true;
    c.seed = c.over || c.unwinding ? 0 : c.policy->choose(seeds);
  }
  return mixed(mixed(c.seed ^ mixed(c.given_seed)) + stream_of(controlled_goroutine_here()->task - 1) + here().drawn++);
}

void seed_controlled_random(std::uint64_t seed) noexcept {
  controlled.given_seed = seed;
  here().drawn = 0;
}

int controlled_futex_wait(const std::uint32_t* word, std::uint32_t expected, std::uint32_t mask, std::int64_t until) {
  RAVEL_POINT(futex_wait, reads, word);
  if (__atomic_load_n(word, __ATOMIC_RELAXED) != expected) return EAGAIN;
  if (until >= 0 && until <= controlled.now) return ETIMEDOUT;
  futex_sleeper w(*controlled_goroutine_here(), word, mask, until);
  return w.wait(word);
}

int controlled_futex_wake(const std::uint32_t* word, int most, std::uint32_t mask) {
  RAVEL_POINT(futex_wake, writes, word);
  int woken = 0;
  for (; woken < most && !controlled.unwinding; ++woken) {
    auto& all = controlled.futex_waiters;
    const auto wakes = [&](const controlled_run::futex_waiter& w) { return w.word == word && (w.mask & mask) != 0; };
    const auto n = static_cast<std::uint32_t>(std::count_if(all.begin(), all.end(), wakes));
    if (n == 0) break;
    std::uint32_t nth = n > 1 && most < static_cast<int>(n) ? controlled.policy->choose(n) : 0;
    auto at = std::find_if(all.begin(), all.end(), wakes);
    for (; nth != 0; --nth) at = std::find_if(at + 1, all.end(), wakes);
    goroutine& g = *at->who;
    all.erase(at);
    ready(g);
  }
  return woken;
}

}  // namespace ravel::hooks
