// Beginning and end of a controlled run, and the unwinding of what is still alive then.
//
// What is still alive is unwound one by one, newest first: it goes on where it waits, and an exception takes it down, so that destructors
// free what they own. Destructors may use sync objects: what can be done at once is done, what would wait throws. Where that exception
// cannot pass (a destructor that waits, a noexcept function) std::terminate is called, and the goroutine's stack is given up as it is.

#include <algorithm>
#include <bit>
#include <cstring>
#include <cxxabi.h>
#include <stdexcept>
#include <utility>

#include "runtime/diag/text.hpp"
#include "runtime/sched/controlled.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/fiber_annotations.hpp"
#include "runtime/sched/goroutine_slots.hpp"

namespace ravel::sched {

namespace {

struct body_closure : detail::closure {
  void (*body)(void*);
  void* argument;
};

constexpr std::int64_t first_moment = 1'000'000'000;  // of virtual time; not 0, which programs take for "unset"

void give_back_slots() {
  controlled_run& c = controlled;
  const hooks::own_use ours;
  while (c.resting.size() < c.goroutines.size()) c.resting.push_back(nullptr);
  for (std::size_t i = 0; i < c.goroutines.size(); ++i) {
    goroutine* g = c.goroutines[i];
    g->task = 0;
    if (c.resting[i] == nullptr && g->slot_class == std::countr_zero(default_stack_size)) c.resting[i] = g;
    else give_back_slot(c.m->p, *g);
  }
}

void unwind(std::uint32_t i) {
  controlled_run& c = controlled;
  goroutine& g = *c.goroutines[i];
  c.unwinding_points = 0;
  if constexpr (hooks::enabled) hooks::sink().acquire(g, c.ends, hooks::operation::go);
  g.state.store(status::runnable, std::memory_order_relaxed);
  c.root->state.store(status::runnable, std::memory_order_relaxed);
  leave_for(g, [](machine&, goroutine& left) {
    if constexpr (hooks::enabled) hooks::sink().suspended(left);
  });
}

void unwind_what_is_alive() {
  controlled_run& c = controlled;
  c.unwinding = true;
  // One after the other: each after all that was done in the run, and after the one before.
  if constexpr (hooks::enabled) {
    for (std::size_t i = 0; i < c.all.size(); ++i) {
      if (c.all[i].is != hooks::controlled_goroutine::condition::ended) hooks::sink().release_merge(*c.goroutines[i], c.ends, hooks::operation::go);
    }
  }
  for (auto i = static_cast<std::uint32_t>(c.all.size()); i-- > 0;) {
    if (c.all[i].is == hooks::controlled_goroutine::condition::ended) continue;
    const std::size_t before = c.all.size();
    unwind(i);
    if (c.all.size() != before) i = static_cast<std::uint32_t>(c.all.size());  // it went on to start others, which are unwound too
  }
  c.unwinding = false;
}

void reset(controlled_run& c) {
  c.all.clear();
  c.goroutines.clear();
  c.enabled.clear();
  c.held_back = c.spinning = c.alive = 0;
  c.steps_of_all_runs += c.steps;
  ++c.number;
  c.steps = c.idle_steps_of_all = 0;
  c.now = first_moment;
  c.jumps = c.body_ended_at = 0;
  c.futex_waiters.clear();
  c.has_seed = false;
  c.given_seed = 0;
  c.over = c.unwinding = c.progress = false;
  c.result = {};
}

// What another body's goroutines left on the stacks may look like pointers to what this one makes at the same addresses, and a search for
// who can get at what would take them for such.
void overwrite_resting_stacks() {
#if !RAVEL_FIBER_ANNOTATIONS
  constexpr std::size_t used_by_most = 8192;
  for (const goroutine* g : controlled.resting) {
    if (g != nullptr) std::memset(reinterpret_cast<void*>(g->stack_high - used_by_most), 0, used_by_most);
  }
#endif
}

std::string thrown_now() {
  int status = 0;
  char* name = abi::__cxa_demangle(abi::__cxa_current_exception_type()->name(), nullptr, nullptr, &status);
  std::string text = std::string("exception of type ") + (name != nullptr ? name : "?");
  std::free(name);
  return text;
}

void ends_with_panic(const char* what) {
  if (!controlled.unwinding) finish_controlled(hooks::ending::panic, std::string("panic: ") + what);
}

void run_work(goroutine& g) {
  try {
    g.work->run(g.work);
  } catch (const abandoned&) {
  } catch (const goexit_signal&) {
  } catch (const std::exception& e) {
    ends_with_panic(e.what());
  } catch (...) {
    ends_with_panic(thrown_now().c_str());
  }
}

[[noreturn]] void leave_for_good(goroutine& g) {
  end_controlled_goroutine(g);
  goroutine& next = next_controlled();
  if constexpr (hooks::enabled) {
    hooks::sink().release_merge(g, controlled.ends, hooks::operation::go);
    hooks::sink().ended(g);
  }
  leave_for(next, [](machine&, goroutine& dead) {
    fibers::ended(dead);
    dead.state.store(status::dead, std::memory_order_relaxed);
    count_goroutine(controlled.m->p, -1);
  });
  __builtin_unreachable();
}

}  // namespace

goroutine* take_controlled_slot(std::size_t size) {
  if (size != 0 || !on_controlled_machine()) return nullptr;
  controlled_run& c = controlled;
  const std::size_t number = c.all.size();
  return number < c.resting.size() ? std::exchange(c.resting[number], nullptr) : nullptr;
}

[[noreturn]] void run_controlled_goroutine(void* machine_that_runs) {
  machine& m = *static_cast<machine*>(machine_that_runs);
  goroutine& g = *m.running;
  arrive(m, g);
  if (!controlled.unwinding) run_work(g);
  free_work(g);
  leave_for_good(g);
}

void end_controlled_panic(const char* what) {
  if (!controlled.unwinding) {
    finish_controlled(hooks::ending::panic, what);
    wait_to_be_unwound();
  }
  give_up_unwinding();
}

void give_up_unwinding() {
  RAVEL_CHECK(controlled.unwinding);
  goroutine& g = *controlled.m->running;
  // Exceptions that were caught or in flight on this stack stay allocated.
  controlled.m->exceptions[0] = controlled.m->exceptions[1] = nullptr;
  g.work = nullptr;
  g.heap_work = false;
  leave_for_good(g);
}

}  // namespace ravel::sched

namespace ravel::hooks {

controlled_result run_controlled(schedule_policy& policy, void (*body)(void*), void* argument, const controlled_limits& limits) {
  using namespace sched;
  goroutine& root = current();
  if (root.foreign) throw std::logic_error("ravel: a controlled run must be started by main or by a goroutine, not by another thread");
  if (controlled.active) throw std::logic_error("ravel: a controlled run cannot be started while another one is active");
  end_blocking();
  controlled_run& c = controlled;
  reset(c);
  c.m = this_machine();
  c.root = &root;
  c.policy = &policy;
  c.asks_due = policy.lets_fall_due();
  c.limits = limits;
  if (c.body != body || c.argument != argument) overwrite_resting_stacks();
  c.body = body;
  c.argument = argument;
  c.active = true;
  if constexpr (hooks::enabled) hooks::sink().controlled_run_begins();
  __atomic_store_n(&detail::controlled_machine, c.m, __ATOMIC_RELAXED);

  body_closure work{{[](ravel::detail::closure* w) {
                       auto* mine = static_cast<body_closure*>(w);
                       mine->body(mine->argument);
                     },
                     [](ravel::detail::closure*) noexcept {}},
                    body, argument};
  goroutine& first = new_goroutine({.stack_size = limits.first_stack});
  begin_goroutine(first, &work, &root);

  const auto no_more = [](machine&, goroutine& left) {
    if constexpr (hooks::enabled) hooks::sink().suspended(left);
  };
  root.state.store(status::runnable, std::memory_order_relaxed);
  goroutine& next = next_controlled();
  if (&next != &root) leave_for(next, no_more);
  else root.state.store(status::running, std::memory_order_relaxed);

  controlled_result result = c.result;
  policy.over(result);
  unwind_what_is_alive();
  c.timers.clear();
  if constexpr (hooks::enabled) {
    sink().acquire(root, c.ends, operation::go);
    sink().forget(c.ends);
  }
  __atomic_store_n(&detail::controlled_machine, nullptr, __ATOMIC_RELAXED);
  c.active = false;
  give_back_slots();
  return result;
}

std::string describe_controlled() {
  using namespace sched;
  return describe_goroutines([](const goroutine& g) { return is_controlled(g); });
}

}  // namespace ravel::hooks
