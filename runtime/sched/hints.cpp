// What the sync room asks of the scheduler.

#include "runtime/sched/machine.hpp"

namespace ravel::sched {

int current_processor() noexcept {
  machine* m = this_machine();
  return m != nullptr && m->p != nullptr ? m->p->id : -1;
}

bool somebody_runs_beside() noexcept {
  const int limit = global.limit.load(std::memory_order_relaxed);
  return limit > 1 && limit > global.idle_processor_count.load(std::memory_order_relaxed) + global.spinning.load(std::memory_order_relaxed) + 1;
}

bool may_be_done_beside() noexcept {
  if (!somebody_runs_beside()) return false;
  machine* m = this_machine();
  return m != nullptr && m->p != nullptr && m->p->next.load(std::memory_order_relaxed) == nullptr;
}

// Go runtime/proc.go sync_runtime_canSpin: only while another processor runs something, and this one has nothing else to do.
bool worth_spinning(int turn) noexcept {
  if (turn >= 4 || !somebody_runs_beside()) return false;
  machine* m = this_machine();
  return m != nullptr && m->p != nullptr && !m->p->has_work();
}

}  // namespace ravel::sched
