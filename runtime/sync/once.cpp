#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

using namespace detail;

once::~once() { hooks::destroyed(as_object(clock_)); }

bool once::begin() {
  as_lock(guard_).lock();
  if (state_ == 0) {
    state_ = 1;
    as_lock(guard_).unlock();
    return true;
  }
  if (state_ == 1) wait_in(waiters_, guard_, hooks::wait_reason::once_call, this);
  else as_lock(guard_).unlock();
  if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(clock_), hooks::operation::once_call);
  return false;
}

void once::finish() {
  if constexpr (hooks::enabled) hooks::sink().release(sched::current(), as_object(clock_), hooks::operation::once_done);
  as_lock(guard_).lock();
  state_ = 2;
  wait_list woken;
  std::swap(woken, waiters_);
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(woken)) sched::ready(*w->g);
}

} }
