#include "runtime/hooks/order.hpp"
#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

using namespace detail;

// Invariants: a goroutine is in the queue before it gives up the user's lock, so that nobody who takes that lock after it can find nobody
// waiting. It may be taken out before it is parked, since unlocking is not done under guard_ (it may wake a thread, which takes long):
// `moved` says, under guard_, that it is parked or about to be.
namespace {

struct cond_waiter : waiter {
  [[no_unique_address]] clock_storage signal;  // the signal comes before wait returns
  ~cond_waiter() { hooks::destroyed(as_object(signal)); }
};

// Under guard_: w has been taken out. True: it must be made ready.
bool signalled(waiter* w) {
  if constexpr (hooks::enabled) {
    hooks::sink().release(sched::current(), as_object(static_cast<cond_waiter*>(w)->signal), hooks::operation::cond_signal);
  }
  return w->moved;
}

}  // namespace

#if RAVEL_RACE
cond::~cond() { let_go_of_waiters(waiters_); }
#endif

void cond::wait() {
  RAVEL_POINT(cond_wait, writes, this);
  cond_waiter w;
  const leaves_list at_the_end(waiters_, w);
  w.g = &sched::current();
  as_lock(guard_).lock();
  hooks::took(hooks::op::cond_wait, this);
  push_back(waiters_, w);
  as_lock(guard_).unlock();
  lock_.unlock();
  as_lock(guard_).lock();
  if (w.queued) {
    w.moved = true;
    sched::park(unlock_short, &guard_, hooks::wait_reason::cond_wait, this);
  } else {
    as_lock(guard_).unlock();
  }
  if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(w.signal), hooks::operation::cond_wait);
  lock_.lock();
}

void cond::signal() {
  RAVEL_POINT(cond_signal, writes, this);
  if (!hooks::looks_need_locks() && nobody_waits(waiters_)) return;  // one who comes into wait now does not wait for what was done under the lock
  as_lock(guard_).lock();
  hooks::took(hooks::op::cond_signal, this);
  waiter* w = pop_front(waiters_);
  const bool parked = w != nullptr && signalled(w);
  as_lock(guard_).unlock();
  if (parked) sched::ready(*w->g);
}

void cond::broadcast() {
  RAVEL_POINT(cond_signal, writes, this);
  if (!hooks::looks_need_locks() && nobody_waits(waiters_)) return;
  wait_list woken;
  as_lock(guard_).lock();
  hooks::took(hooks::op::cond_signal, this, 1);
  while (waiter* w = pop_front(waiters_)) {
    if (signalled(w)) push_back(woken, *w);
  }
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(woken)) sched::ready(*w->g);
}

} }
