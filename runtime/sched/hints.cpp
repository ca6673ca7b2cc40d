// What the sync room asks of the scheduler.

#include "runtime/sched/machine.hpp"

namespace ravel::sched {

int current_processor() noexcept {
  machine* m = this_machine();
  return m != nullptr && m->p != nullptr ? m->p->id : -1;
}

// Go runtime/proc.go sync_runtime_canSpin: only while another processor runs something, and this one has nothing else to do.
bool worth_spinning(int turn) noexcept {
  if (turn >= 4) return false;
  const int limit = global.limit.load(std::memory_order_relaxed);
  if (limit < 2 || limit <= global.idle_processor_count.load(std::memory_order_relaxed) + global.spinning.load(std::memory_order_relaxed) + 1) {
    return false;
  }
  machine* m = this_machine();
  return m != nullptr && m->p != nullptr && !m->p->has_work();
}

}  // namespace ravel::sched
