#include "runtime/include/ravel/error.hpp"
#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

using namespace detail;

wait_group::~wait_group() {
  hooks::destroyed(as_object(clock_));
  if constexpr (hooks::enabled) hooks::sink().marker_destroyed(reuse_marker_);
}

void wait_group::add(long n) {
  if constexpr (hooks::enabled) {
    if (n < 0) hooks::sink().release_merge(sched::current(), as_object(clock_), hooks::operation::wait_group_done);
  }
  as_lock(guard_).lock();
  if (n > 0 && count_ == 0) {
    if (waiting_ != 0) {
      as_lock(guard_).unlock();
      throw panic_error("sync: WaitGroup is reused before previous Wait has returned");
    }
    if constexpr (hooks::enabled) hooks::sink().marker_read(sched::current(), reuse_marker_, hooks::marker::wait_group_reuse);
  }
  count_ += n;
  if (count_ < 0) {
    as_lock(guard_).unlock();
    throw panic_error("sync: negative WaitGroup counter");
  }
  wait_list woken;
  if (count_ == 0) std::swap(woken, waiters_);
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(woken)) sched::ready(*w->g);
}

void wait_group::wait() {
  as_lock(guard_).lock();
  if (count_ == 0) {
    as_lock(guard_).unlock();
  } else {
    if constexpr (hooks::enabled) {
      if (waiting_ == 0) hooks::sink().marker_write(sched::current(), reuse_marker_, hooks::marker::wait_group_reuse);
    }
    ++waiting_;
    wait_in(waiters_, guard_, hooks::wait_reason::wait_group_wait, this);
    as_lock(guard_).lock();
    --waiting_;
    as_lock(guard_).unlock();
  }
  if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(clock_), hooks::operation::wait_group_wait);
}

} }
