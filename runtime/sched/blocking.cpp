// blocking(): the goroutine keeps its thread and lends its processor away.

#include <utility>

#include "runtime/sched/alone.hpp"
#include "runtime/sched/controlled.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

void run_blocking(void (*f)(void*), void* argument) {
  machine* m = current().foreign ? nullptr : this_machine();
  if (m == nullptr || m->p == nullptr || is_controlled(*m->running)) {
    f(argument);
    return;
  }
  struct back_to_work {
    ~back_to_work() { end_blocking(); }
  } at_the_end;
  start_monitor();
  m->running->waiting_for = hooks::wait_reason::blocking_call;
  global.blocking.fetch_add(1, std::memory_order_seq_cst);
  stand_back();
  processor* p = std::exchange(m->p, nullptr);
  m->lent = p;
  p->loans.store(p->loans.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  p->lender.store(m, std::memory_order_release);  // from here the monitor may take it
  f(argument);
}

void end_blocking() {
  machine* m = this_machine();
  if (m == nullptr || m->p != nullptr) return;
  m->running->waiting_for = hooks::wait_reason::none;
  // Counts as blocking until a processor or a queue has it: else the rest would look like a deadlock meanwhile.
  processor* lent = std::exchange(m->lent, nullptr);
  machine* lender = m;
  if (lent->lender.compare_exchange_strong(lender, nullptr, std::memory_order_acq_rel)) {
    m->p = lent;
    global.blocking.fetch_sub(1, std::memory_order_seq_cst);
    return;
  }
  if (acquire_idle_processor(*m)) {
    global.blocking.fetch_sub(1, std::memory_order_seq_cst);
    return;
  }
  leave([](machine&, goroutine& g) {
    become_runnable(g);
    put_global(&g);
    global.blocking.fetch_sub(1, std::memory_order_seq_cst);
    wake_a_machine();
  });
}

}  // namespace ravel::sched
