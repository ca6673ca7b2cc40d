// Goroutines as the checks see them (hooks/services.hpp).

#include "runtime/hooks/services.hpp"
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

void show(void* argument, goroutine& g) {
  const auto& r = *static_cast<receiver*>(argument);
  const status s = g.state.load(std::memory_order_acquire);
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
  r.visit(r.context, seen);
}

}  // namespace

void visit_stack_memory(void* context, void (*visit)(void* context, std::uintptr_t low, std::uintptr_t high)) {
  sched::visit_regions(context, visit);
}

void visit_pending_timers(void* context, void (*visit)(void* context, const void* timer)) {
  const int n = sched::global.created_processors.load(std::memory_order_acquire);
  for (int i = 0; i < n; ++i) sched::global.all[i]->timers.visit_timers(context, visit);
}

void visit_snapshots(void* context, void (*visit)(void* context, const goroutine_snapshot& g)) {
  receiver r{context, visit};
  show(&r, sched::main_goroutine());
  sched::visit_slots(&r, show);
  sched::visit_foreign(&r, show);
}

}  // namespace ravel::hooks
