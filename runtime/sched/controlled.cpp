// Taking steps of a controlled run: who may go on, whom the policy picks, when time passes, when it is over.
//
// Rejected: a stack of the policy's own between every two goroutines (a second switch for each step).

#include "runtime/sched/controlled.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/abi/ravel_abi.h"
#include "runtime/hooks/services.hpp"
#include "runtime/sched/fatal.hpp"

namespace ravel::hooks {
constinit program_runner runs_program = nullptr;
namespace detail {
constinit void* controlled_machine = nullptr;
}
}  // namespace ravel::hooks

namespace ravel::sched {

controlled_run controlled;

namespace {

using hooks::controlled_goroutine;
using hooks::op;
using hooks::touch;
using condition = hooks::controlled_goroutine::condition;

// A loop that has looked at things so often without changing any, nor seeing any change, waits for somebody else: it is passed over until
// somebody has changed something. Low, since each turn of a spin loop is a step that tells a strategy nothing.
constexpr std::uint32_t spins = 8;
constexpr int vain_firings = 64;
constexpr std::uint64_t many_jumps = 256;      // of time: who has waited all the while may wait for ever
constexpr std::uint64_t too_many_jumps = 1024; // after the body's end: what goes on then goes on for ever, as daemons do
constexpr std::uint32_t most_unwinding_points = 10'000;

controlled_goroutine& of(goroutine& g) { return controlled.all[g.task - 1]; }

void enable(std::uint32_t i) {
  controlled.all[i].is = condition::enabled;
  auto& list = controlled.enabled;
  if (list.empty() || list.back() < i) list.push_back(i);
  else list.insert(std::lower_bound(list.begin(), list.end(), i), i);
}

void disable(std::uint32_t i, condition why) {
  controlled.all[i].is = why;
  controlled.all[i].since_jump = controlled.jumps;
  if (why == condition::held_back) controlled.all[i].was_held_back = true;
  auto& list = controlled.enabled;
  if (list.back() == i) list.pop_back();
  else list.erase(std::lower_bound(list.begin(), list.end(), i));
}

// Looking changes nothing; what is tried may.
bool only_looks(op what) {
  switch (what) {
    case op::yield:
    case op::chan_look:
    case op::net_look:
    case op::select:
    case op::mutex_try_lock:
    case op::rw_try_lock:
    case op::rw_try_rlock:
    case op::thread_try_lock:
    case op::atomic_load:
    case op::atomic_rmw:
    case op::atomic_cas:
    case op::fence:
    case op::semaphore_wait:
    case op::futex_wait:
    case op::plain_read: return true;
    default: return false;
  }
}

void release_spinners() {
  for (std::uint32_t i = 0; controlled.spinning != 0 && i < controlled.all.size(); ++i) {
    if (controlled.all[i].is != condition::spinning) continue;
    controlled.all[i].idle_steps = spins / 2;
    --controlled.spinning;
    enable(i);
  }
}

// Whether g has looked at the same thing from the same place a few looks ago: a scan of many things is no spin loop.
bool looks_again(controlled_goroutine& g) {
  const auto look = reinterpret_cast<std::uintptr_t>(g.pending.object) ^ (g.pending.place * 0x9E3779B97F4A7C15ull) ^ 1;
  for (const std::uintptr_t seen : g.looks) {
    if (seen == look) return true;
  }
  g.looks[g.next_look++ % std::size(g.looks)] = look;
  return false;
}

// g has taken its pending step.
void account_for(controlled_goroutine& g) {
  const bool idle = only_looks(g.pending.what) && !controlled.progress;
  controlled.progress = false;
  if (idle) {
    if (looks_again(g)) {
      ++g.idle_steps;
      ++controlled.idle_steps_of_all;
    }
    return;
  }
  if (g.next_look != 0) {
    g.next_look = 0;
    std::fill(std::begin(g.looks), std::end(g.looks), 0);
  }
  g.idle_steps = 0;
  g.waits_for_time = false;
  g.clock_cost = 0;
  if (g.pending.what == op::begin || g.pending.what == op::go_on) return;  // says nothing about the world
  controlled.idle_steps_of_all = 0;
  if (controlled.spinning != 0) release_spinners();
}

}  // namespace

void finish_controlled(hooks::ending how, std::string message) {
  if (controlled.over) return;
  controlled.over = true;
  controlled.result.how = how;
  controlled.result.message = std::move(message);
  controlled.result.steps = controlled.steps;
}

namespace {

std::string describe_blocked() {
  std::string text;
  for (std::size_t i = 0; i < controlled.all.size(); ++i) {
    const controlled_goroutine& g = controlled.all[i];
    if (g.is != condition::blocked && g.is != condition::held_back) continue;
    if (!text.empty()) text += "; ";
    text += "goroutine " + std::to_string(g.view->id) + " [" + hooks::words(g.view->waiting_for) + "]";
  }
  return text;
}

void finish_since_nobody_can_go_on() {
  if (controlled.alive == 0) return finish_controlled(hooks::ending::finished, {});
  if (controlled.all[0].is != condition::ended) {
    return finish_controlled(hooks::ending::deadlock, "all goroutines are asleep - deadlock! " + describe_blocked());
  }
  if (!controlled.limits.leaks) return finish_controlled(hooks::ending::finished, {});
  finish_controlled(hooks::ending::leak, "goroutines are still blocked, and nobody is left to wake them: " + describe_blocked());
}

std::uint32_t choose_timer(std::uint32_t n) { return controlled.policy->choose(n); }

bool somebody_waits_for_long() {
  if (controlled.all[0].is == condition::ended && controlled.jumps - controlled.body_ended_at >= many_jumps) return true;
  return std::any_of(controlled.all.begin(), controlled.all.end(), [](const controlled_goroutine& g) {
    const bool waits = g.is == condition::held_back || (g.is == condition::blocked && g.view->waiting_for != hooks::wait_reason::sleep);
    return waits && controlled.jumps - g.since_jump >= many_jumps;
  });
}

// Tickers and loops with a sleep keep time going for ever, whoever is stuck beside them. The longer, the rarer it is looked at.
void look_whether_only_time_passes() {
  controlled_run& c = controlled;
  ++c.jumps;
  if (c.jumps >= many_jumps && std::has_single_bit(c.jumps) && somebody_waits_for_long() && c.policy->only_time_passes()) {
    return finish_controlled(hooks::ending::stopped, {});
  }
  if (c.all[0].is != condition::ended || c.jumps - c.body_ended_at < too_many_jumps) return;
  c.policy->only_time_passes();
  finish_controlled(hooks::ending::finished, {});
}

// Time passes, since nobody can do anything else. False: no timer is left that could wake anybody.
bool let_time_pass() {
  look_whether_only_time_passes();
  if (controlled.over) return true;
  for (int fired = 0;; ++fired) {
    // Tickers whose channel is full fire in vain, for ever: from then on only what surely wakes somebody counts.
    const std::int64_t next = fired < vain_firings ? controlled.timers.next() : controlled.timers.next_for_somebody();
    if (next == timer_heap::never) return false;
    controlled.now = std::max(controlled.now, next);
    while (controlled.timers.fire_one(controlled.now, choose_timer)) {}
    if (!controlled.enabled.empty()) return true;
  }
}

// Nobody is enabled but, maybe, those that spin.
bool enable_somebody() {
  if (controlled.spinning == 0) return let_time_pass();
  const bool looks_at_clock = std::any_of(controlled.all.begin(), controlled.all.end(), [](const controlled_goroutine& g) {
    return g.is == condition::spinning && g.waits_for_time;
  });
  if (looks_at_clock && controlled.all[0].is != condition::ended) {
    release_spinners();
    return true;
  }
  // Time first: a spin loop may wait for it.
  if (controlled.timers.next() != timer_heap::never && let_time_pass()) return true;
  if (controlled.all[0].is == condition::ended) return false;  // others poll for ever, as daemons do
  release_spinners();
  return true;
}

// The line of the program at which g is: of what the compiler noted of an access, else of its stack; library's and our own functions are left out.
std::string place_of(const controlled_goroutine& g) {
  struct search {
    std::string found;
    void look(std::string_view function, std::string_view file, std::uint32_t line) {
      const bool library = file.find("/c++/") != file.npos || file.find("/include/ravel/") != file.npos || function.starts_with("ravel::");
      if (found.empty() && line != 0 && !library) found = std::string(file) + ":" + std::to_string(line);
    }
  } s;
  switch (g.pending.what) {
    case op::atomic_load:
    case op::atomic_store:
    case op::atomic_rmw:
    case op::atomic_cas:
    case op::plain_read:
    case op::plain_write:
      for (const auto* f = &reinterpret_cast<const ravel_site*>(g.pending.place)->where; f != nullptr; f = f->inlined_at) s.look(f->function, f->file, f->line);
      break;
    default: break;
  }
  std::uintptr_t frame = g.pending.frame;
  for (int i = 0; s.found.empty() && i < 12 && frame >= g.view->stack_low && frame + 16 <= g.view->stack_high && frame % 8 == 0; ++i) {
    const auto* f = reinterpret_cast<const std::uintptr_t*>(frame);
    if (f[1] < 4096) break;
    hooks::symbolize(f[1] - 1, &s, [](void* context, const hooks::source_frame& at) {
      static_cast<search*>(context)->look(at.function, at.file, static_cast<std::uint32_t>(at.line));
    });
    if (f[0] <= frame) break;
    frame = f[0];
  }
  return s.found.empty() ? "" : " at " + s.found;
}

// A loop that ends by itself may look long; only the limit tells.
void finish_since_there_are_too_many_steps() {
  const std::string limit = std::to_string(controlled.limits.steps);
  if (controlled.idle_steps_of_all < controlled.limits.steps / 2) return finish_controlled(hooks::ending::step_limit, "more than " + limit + " steps");
  std::string who;
  for (const controlled_goroutine& g : controlled.all) {
    if (g.idle_steps != 0 && g.is != condition::ended) who += (who.empty() ? "goroutine " : ", goroutine ") + std::to_string(g.view->id) + place_of(g);
  }
  finish_controlled(hooks::ending::livelock, "livelock: within " + limit + " steps " + who + " looked again and again at what nobody changed");
}

hooks::choice choice_of(std::uint32_t current) {
  const controlled_run& c = controlled;
  return {c.all.data(), static_cast<std::uint32_t>(c.all.size()), c.enabled.data(), static_cast<std::uint32_t>(c.enabled.size()), current};
}

void let_fall_due(std::uint32_t current) {
  controlled_run& c = controlled;
  while (!c.over && !c.unwinding) {
    const hooks::schedule_policy::due what = c.policy->falls_due(choice_of(current));
    if (what.sleeper == what.none && what.timer == nullptr) return;
    c.timers.fire_this(what.timer, what.timer == nullptr ? c.goroutines[what.sleeper] : nullptr, c.now);
  }
}

goroutine& pick(std::uint32_t current) {
  controlled_run& c = controlled;
  if (c.asks_due) let_fall_due(current);
  if (!c.over && c.enabled.empty() && !enable_somebody()) finish_since_nobody_can_go_on();
  if (!c.over && ++c.steps > c.limits.steps) finish_since_there_are_too_many_steps();
  if (c.over || c.unwinding) return *c.root;
  const std::uint32_t i = c.policy->next(choice_of(current));
  if (c.over) return *c.root;  // the policy has stopped it
  RAVEL_CHECK(i < c.all.size() && c.all[i].is == condition::enabled);
  return *c.goroutines[i];
}

// Its step is known and it may be elsewhere when this returns.
void take_turn(goroutine& g) {
  g.state.store(status::runnable, std::memory_order_relaxed);
  goroutine& next = pick(g.task - 1);
  if (&next == &g) {
    g.state.store(status::running, std::memory_order_relaxed);
    return;
  }
  leave_for(next, [](machine&, goroutine& left) {
    if constexpr (hooks::enabled) hooks::sink().suspended(left);
  });
}

// Operations that C++ programs do not expect to throw: in destructors, in functions that are noexcept.
bool may_throw_at(op what) {
  switch (what) {
    case op::spawn:
    case op::yield:
    case op::sleep:
    case op::chan_send:
    case op::chan_receive:
    case op::select:
    case op::mutex_lock:
    case op::rw_lock:
    case op::rw_rlock:
    case op::group_wait:
    case op::cond_wait:
    case op::once_call:
    case op::net_listen:
    case op::net_dial:
    case op::net_accept:
    case op::net_read:
    case op::net_write:
    case op::semaphore_wait: return true;
    default: return false;
  }
}

void unwind_at(op what) {
  if (may_throw_at(what)) throw abandoned{};
  if (++controlled.unwinding_points > most_unwinding_points) give_up_unwinding();
}

void step_to(goroutine& g, const hooks::step& s, bool (*possible)(const void*), hooks::wait_reason why) {
  controlled_run& c = controlled;
  controlled_goroutine& me = of(g);
  account_for(me);
  me.pending = s;
  me.possible = possible;
  me.why = why;
  me.was_held_back = false;
  if (possible != nullptr && !possible(s.object)) {
    disable(g.task - 1, condition::held_back);
    ++c.held_back;
    g.waiting_for = why;
  } else if (me.idle_steps > spins && c.limits.spinning) {
    disable(g.task - 1, condition::spinning);
    ++c.spinning;
  }
  take_turn(g);
  if (c.unwinding) {
    if (possible != nullptr && !possible(s.object)) throw abandoned{};
    unwind_at(s.what);
    return;
  }
  g.waiting_for = hooks::wait_reason::none;
  // It is past its point: what others do to the object holds it back no more.
  of(g).possible = nullptr;
}

}  // namespace

bool on_controlled_machine() noexcept { return hooks::maybe_controlled() && this_machine() == controlled.m; }

goroutine* controlled_goroutine_here() noexcept {
  if (!hooks::maybe_controlled()) return nullptr;
  machine* m = this_machine();
  if (m != controlled.m || m->running == nullptr || m->running->task == 0) return nullptr;
  return m->running;
}

void park_controlled(goroutine& g, void (*unlock)(void*), void* argument) {
  controlled_run& c = controlled;
  if (c.unwinding) {
    if (unlock != nullptr) unlock(argument);
    throw abandoned{};
  }
  account_for(of(g));
  of(g).clock_looks = 0;
  disable(g.task - 1, condition::blocked);
  of(g).pending = {};
  of(g).pending.what = op::go_on;
  g.state.store(status::waiting, std::memory_order_relaxed);
  // Before the choice: time may pass in it, and a timer's channel be locked. Nobody can resume g before it is switched away from.
  if (unlock != nullptr) unlock(argument);
  goroutine& next = pick(g.task - 1);
  if (&next == &g) {
    g.state.store(status::running, std::memory_order_relaxed);
  } else {
    leave_for(next, [](machine&, goroutine& left) {
      if constexpr (hooks::enabled) hooks::sink().suspended(left);
    });
  }
  if (c.unwinding) throw abandoned{};
}

void ready_controlled(goroutine& g) {
  if (controlled.unwinding) return;
  goroutine* by = controlled_goroutine_here();
  RAVEL_CHECK(of(g).is == condition::blocked);
  g.state.store(status::runnable, std::memory_order_relaxed);
  enable(g.task - 1);
  controlled.policy->woken(by != nullptr && by != &g && of(*by).is == condition::enabled ? by->task - 1 : g.task - 1, g.task - 1);
}

void begin_controlled(goroutine& g, goroutine* parent) {
  controlled_run& c = controlled;
  const auto number = static_cast<std::uint32_t>(c.all.size());
  g.task = number + 1;
  g.id = number + 1;
  controlled_goroutine mine;
  mine.view = &g;
  mine.parent = parent != nullptr && is_controlled(*parent) ? parent->task - 1 : number;
  mine.runs = reinterpret_cast<void*>(g.work->run);
  if (mine.parent != number) mine.nth_child = c.all[mine.parent].children++;
  {
    const hooks::own_use ours;  // no memory of the program's: a search for who can get at what must not find it here
    c.all.push_back(mine);
    c.goroutines.push_back(&g);
    c.enabled.reserve(c.all.capacity());
  }
  ++c.alive;
  g.state.store(status::runnable, std::memory_order_relaxed);
  enable(number);
  if (!c.unwinding) c.policy->created(mine.parent, number);
}

void wait_to_be_unwound() { take_turn(*controlled.m->running); }

void look_at_time_controlled(goroutine& g, std::int64_t real_now) {
  static std::uint64_t seen_steps = 0;
  static std::int64_t since = 0;
  const std::uint64_t steps = controlled.steps_of_all_runs + controlled.steps;
  if (steps != seen_steps || since == 0) {
    seen_steps = steps;
    since = real_now;
    return;
  }
  if (real_now - since < controlled.limits.nanoseconds) return;
  if (controlled.unwinding) give_up_unwinding();
  controlled_goroutine here = of(g);
  here.pending.what = op::yield;
  here.pending.frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  finish_controlled(hooks::ending::livelock,
                    "livelock: goroutine " + std::to_string(g.id) + " runs on and on" + place_of(here) + " without an operation that others could notice");
  wait_to_be_unwound();
  give_up_unwinding();  // at a safepoint, where nothing can be thrown
}

void yield_controlled(goroutine& g) {
  if (controlled.unwinding) throw abandoned{};
  step_to(g, {op::yield, touch::nothing, 0, nullptr, nullptr, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)), 0}, nullptr,
          hooks::wait_reason::none);
}

goroutine& next_controlled() {
  const std::uint32_t task = controlled.m->running->task;
  return pick(task == 0 ? 0 : task - 1);
}

void end_controlled_goroutine(goroutine& g) {
  controlled_goroutine& me = of(g);
  if (!controlled.unwinding) {
    account_for(me);
    controlled.idle_steps_of_all = 0;
    if (controlled.spinning != 0) release_spinners();
  }
  switch (me.is) {
    case condition::enabled: disable(g.task - 1, condition::ended); break;
    case condition::held_back: --controlled.held_back; break;
    case condition::spinning: --controlled.spinning; break;
    case condition::blocked:
    case condition::ended: break;
  }
  me.is = condition::ended;
  me.pending = {};
  me.pending.what = op::end;
  --controlled.alive;
  if (g.task == 1) controlled.body_ended_at = controlled.jumps;
}

}  // namespace ravel::sched

namespace ravel::hooks {

bool being_unwound() noexcept { return maybe_controlled() && sched::controlled_goroutine_here() != nullptr && sched::controlled.unwinding; }

bool was_held_back() noexcept {
  const sched::goroutine* g = sched::controlled_goroutine_here();
  return g != nullptr && sched::controlled.all[g->task - 1].was_held_back;
}

bool controlled_run_active() noexcept { return sched::controlled.active; }

std::uint64_t controlled_run_number() noexcept { return sched::controlled.number; }

std::uint32_t controlled_network_faults() noexcept { return sched::controlled.limits.network_faults; }

bool in_controlled_run() noexcept { return sched::controlled_goroutine_here() != nullptr; }

std::uint32_t number_in_controlled_run(const goroutine_view& g) noexcept { return static_cast<const sched::goroutine&>(g).task; }

void end_schedule(ending how, const char* message) {
  using namespace sched;
  goroutine* g = controlled_goroutine_here();
  RAVEL_CHECK(g != nullptr);
  if (controlled.unwinding) return;
  finish_controlled(how, message);
  take_turn(*g);
  if (controlled.unwinding) throw abandoned{};
}

void refuse_in_controlled_run(const char* what) {
  if (!maybe_controlled() || !in_controlled_run()) return;
  if (sched::controlled.unwinding) sched::give_up_unwinding();
  end_schedule(ending::unsupported, (std::string("a controlled schedule cannot contain ") + what).c_str());
}

void end_schedule_from_policy(ending how) noexcept { sched::finish_controlled(how, {}); }

namespace detail {

void point(const step& s, bool (*possible)(const void*), wait_reason why) {
  sched::goroutine* g = sched::controlled_goroutine_here();
  if (g == nullptr || sched::controlled.quiet != 0) return;
  if (sched::controlled.unwinding) {
    // Destructors run on; what would have to wait cannot.
    if (possible != nullptr && !possible(s.object)) throw sched::abandoned{};
    if (++sched::controlled.unwinding_points > sched::most_unwinding_points) sched::give_up_unwinding();
    return;
  }
  sched::step_to(*g, s, possible, why);
}

void changed(const void* object) {
  using namespace sched;
  if (controlled_goroutine_here() == nullptr || controlled.unwinding) return;
  using condition = controlled_goroutine::condition;
  for (std::uint32_t i = 0; i < controlled.all.size(); ++i) {
    controlled_goroutine& g = controlled.all[i];
    if (g.possible == nullptr || g.pending.object != object) continue;
    if (g.is == condition::held_back && g.possible(object)) {
      --controlled.held_back;
      g.view->waiting_for = wait_reason::none;
      enable(i);
    } else if (g.is == condition::enabled && !g.possible(object)) {
      ++controlled.held_back;
      g.view->waiting_for = g.why;
      disable(i, condition::held_back);
    }
  }
}

void quiet(int change) noexcept {
  if (sched::on_controlled_machine()) sched::controlled.quiet += change;
}

void progressed() { sched::controlled.progress = true; }

std::int64_t controlled_time() noexcept {
  return sched::on_controlled_machine() ? sched::controlled.now : -1;
}

}  // namespace detail

}  // namespace ravel::hooks
