// Goroutines as the checks see them (hooks/services.hpp).

#include "runtime/hooks/services.hpp"
#include "runtime/sched/controlled.hpp"
#include "runtime/sched/goroutine_slots.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::hooks {

namespace {

using sched::goroutine;
using sched::status;

struct receiver {
  void* context;
  void (*visit)(void* context, const goroutine_snapshot& g);
};

// While a controlled run is active its goroutines are the world: nobody else can do anything before it is over.
bool is_of_the_world(const goroutine& g) {
  if (!sched::controlled.active) return true;
  return g.task != 0 && sched::controlled.all[g.task - 1].is != controlled_goroutine::condition::ended;
}

// Held back before a step that cannot be taken: it waits for that step's object.
void show_held_back(const goroutine& g, goroutine_snapshot& seen) {
  const controlled_goroutine& c = sched::controlled.all[g.task - 1];
  if (c.is != controlled_goroutine::condition::held_back) return;
  seen.state = activity::waiting;
  seen.objects = &c.pending.object;
  seen.object_count = 1;
}

void show(void* argument, goroutine& g) {
  const auto& r = *static_cast<receiver*>(argument);
  const status s = g.state.load(std::memory_order_acquire);
  if (!is_of_the_world(g)) return;
  if (s == status::dead || s == status::created) return;
  goroutine_snapshot seen{&g, activity::running, nullptr, 0, 0, &g, sizeof g};
  if (s == status::runnable) seen.state = activity::runnable;
  if (s == status::waiting) {
    seen.state = activity::waiting;
    if (g.waiting_for == wait_reason::select || g.waiting_for == wait_reason::select_no_cases) {
      const auto& all = *static_cast<const waited_objects*>(g.waits_on);
      seen.objects = all.first;
      seen.object_count = all.count;
    } else if (g.waits_on != nullptr) {
      seen.objects = &g.waits_on;
      seen.object_count = 1;
    }
  }
  if (s != status::running && !g.foreign) seen.stack_pointer = reinterpret_cast<std::uintptr_t>(g.saved);
  if (sched::controlled.active) {
    show_held_back(g, seen);
    // Who has just come to where it waits may not have left its stack yet.
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    if (here >= g.stack_low && here < g.stack_high) seen.stack_pointer = here;
  }
  r.visit(r.context, seen);
}

}  // namespace

void visit_stack_memory(void* context, void (*visit)(void* context, std::uintptr_t low, std::uintptr_t high)) {
  sched::visit_regions(context, visit);
}

void visit_pending_timers(void* context, void (*visit)(void* context, const void* timer)) {
  const int n = sched::global.created_processors.load(std::memory_order_acquire);
  for (int i = 0; i < n; ++i) sched::global.all[i]->timers.visit_timers(context, visit);
  if (sched::controlled.active) sched::controlled.timers.visit_timers(context, visit);
}

void visit_snapshots(void* context, void (*visit)(void* context, const goroutine_snapshot& g)) {
  receiver r{context, visit};
  show(&r, sched::main_goroutine());
  sched::visit_slots(&r, show);
  sched::visit_foreign(&r, show);
}

}  // namespace ravel::hooks
