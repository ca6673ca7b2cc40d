#include "runtime/hooks/order.hpp"
#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

using namespace detail;

once::~once() {
  let_go_of_waiters(waiters_);
  hooks::destroyed(as_object(clock_));
}

bool once::begin() {
  RAVEL_POINT(once_call, writes, this);
  if (state_.load(std::memory_order_acquire) != done) {
    as_lock(guard_).lock();
    const unsigned char s = state_.load(std::memory_order_relaxed);
    hooks::took(hooks::op::once_call, this, s == never_called);
    if (s == never_called) {
      state_.store(running, std::memory_order_relaxed);
      as_lock(guard_).unlock();
      if constexpr (hooks::enabled) hooks::sink().once_begins(sched::current(), this);
      return true;
    }
    if (s == running) wait_in(waiters_, guard_, hooks::wait_reason::once_call, this);
    else as_lock(guard_).unlock();
  } else {
    hooks::took(hooks::op::once_call, this);
  }
  if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(clock_), hooks::operation::once_call);
  return false;
}

void once::finish() {
  if constexpr (hooks::enabled) {
    hooks::sink().release(sched::current(), as_object(clock_), hooks::operation::once_done);
    hooks::sink().once_ends(sched::current(), this);
  }
  as_lock(guard_).lock();
  hooks::took(hooks::op::once_call, this, 2);
  state_.store(done, std::memory_order_release);
  wait_list woken;
  std::swap(woken, waiters_);
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(woken)) sched::ready(*w->g);
}

} }
