#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

using namespace detail;

// In the queue before the lock is free, so that a signal after the unlock is not missed. A signaller needs guard_, which is given up only
// once this stack is saved; unlocking the user's lock under it is safe, since unlock never parks and never takes guard_.
void cond::wait() {
  as_lock(guard_).lock();
  lock_.unlock();
  wait_in(waiters_, guard_, hooks::wait_reason::cond_wait, this);
  lock_.lock();
}

void cond::signal() {
  as_lock(guard_).lock();
  waiter* w = pop_front(waiters_);
  as_lock(guard_).unlock();
  if (w == nullptr) return;
  if constexpr (hooks::enabled) hooks::sink().handoff(sched::current(), *w->g, hooks::operation::cond_signal);
  sched::ready(*w->g);
}

void cond::broadcast() {
  as_lock(guard_).lock();
  wait_list woken;
  std::swap(woken, waiters_);
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(woken)) {
    if constexpr (hooks::enabled) hooks::sink().handoff(sched::current(), *w->g, hooks::operation::cond_signal);
    sched::ready(*w->g);
  }
}

} }
