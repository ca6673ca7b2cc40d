#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

using namespace detail;

// In the queue before the user's lock is free, so that nobody who takes that lock after us can find nobody waiting. A signaller then needs
// guard_, which is given up only once this stack is saved; unlocking under it is safe, since a lockable's unlock does not block.
void cond::wait() {
  waiter w;
  w.g = &sched::current();
  as_lock(guard_).lock();
  push_back(waiters_, w);
  lock_.unlock();
  sched::park(unlock_short, &guard_, hooks::wait_reason::cond_wait, this);
  lock_.lock();
}

void cond::signal() {
  if (nobody_waits(waiters_)) return;  // who comes into wait now does not wait for what was done under the lock
  as_lock(guard_).lock();
  waiter* w = pop_front(waiters_);
  as_lock(guard_).unlock();
  if (w == nullptr) return;
  if constexpr (hooks::enabled) hooks::sink().handoff(sched::current(), *w->g, hooks::operation::cond_signal);
  sched::ready(*w->g);
}

void cond::broadcast() {
  if (nobody_waits(waiters_)) return;
  as_lock(guard_).lock();
  wait_list woken = waiters_;
  waiters_.last = nullptr;
  set_first(waiters_, nullptr);
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(woken)) {
    if constexpr (hooks::enabled) hooks::sink().handoff(sched::current(), *w->g, hooks::operation::cond_signal);
    sched::ready(*w->g);
  }
}

} }
