// What rw_mutex adds in a race build: the detector's events around rw_mutex_core. A plain build inlines rw_mutex_core.

#include "runtime/hooks/order.hpp"
#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

#if RAVEL_RACE

using namespace detail;

namespace {
// The readers' releases are all absorbed now, and no reader can add one before this writer unlocks.
void write_owned(const void* m, clock_storage& writers, clock_storage& readers, bool waited) {
  auto& g = sched::current();
  hooks::sink().retaken(g, as_object(writers));
  hooks::sink().acquire(g, as_object(writers), hooks::operation::rw_mutex_lock);
  hooks::sink().acquire(g, as_object(readers), hooks::operation::rw_mutex_lock);
  hooks::sink().forget(as_object(readers));
  hooks::sink().lock_acquired(g, m, hooks::lock_mode::exclusive, hooks::operation::rw_mutex_lock, waited);
}
void read_owned(const void* m, clock_storage& writers, clock_storage& readers, bool waited) {
  auto& g = sched::current();
  hooks::sink().retaken(g, as_object(readers));  // writers, who learn from it, are kept out
  hooks::sink().acquire(g, as_object(writers), hooks::operation::rw_mutex_rlock);
  hooks::sink().lock_acquired(g, m, hooks::lock_mode::shared, hooks::operation::rw_mutex_rlock, waited);
}
}  // namespace

rw_mutex::~rw_mutex() {
  if ((core_.is_locked() || core_.is_locked_shared()) && !hooks::being_unwound()) {
    hooks::sink().destroyed_in_use(sched::current(), this, hooks::event_sink::used_object::rw_mutex);
  }
  hooks::sink().lock_destroyed(this);
  core_.let_go();
  hooks::destroyed(as_object(writers_clock_));
  hooks::destroyed(as_object(readers_clock_));
}

void rw_mutex::lock() {
  RAVEL_POINT(rw_lock, writes, this);
  if (!core_.try_lock()) {
    hooks::sink().wants_lock(sched::current(), this, hooks::lock_mode::exclusive, hooks::operation::rw_mutex_lock);
    core_.lock(this);
  }
  hooks::took(hooks::op::rw_lock, this);
  write_owned(this, writers_clock_, readers_clock_, true);
}

bool rw_mutex::try_lock() {
  RAVEL_POINT(rw_try_lock, writes, this);
  const bool got = !hooks::is_to_fail(hooks::op::rw_try_lock) && core_.try_lock();
  if (got) hooks::took(hooks::op::rw_try_lock, this, 1);
  else hooks::took_alone(hooks::op::rw_try_lock);
  if (got) hooks::progressed();
  if (got) write_owned(this, writers_clock_, readers_clock_, false);
  return got;
}

void rw_mutex::unlock() {
  RAVEL_POINT(rw_unlock, writes, this);
  if (!core_.is_locked() && hooks::being_unwound()) return;
  if (!core_.is_locked()) sched::fatal("sync: Unlock of unlocked RWMutex");
  auto& g = sched::current();
  hooks::sink().lock_released(g, this, hooks::lock_mode::exclusive);
  hooks::took(hooks::op::rw_unlock, this);
  hooks::sink().release(g, as_object(writers_clock_), hooks::operation::rw_mutex_unlock);
  core_.unlock();
}

void rw_mutex::lock_shared() {
  RAVEL_POINT(rw_rlock, writes, this);
  if (!core_.try_lock_shared()) {
    hooks::sink().wants_lock(sched::current(), this, hooks::lock_mode::shared, hooks::operation::rw_mutex_rlock);
    core_.lock_shared(this);
  }
  hooks::took(hooks::op::rw_rlock, this);
  read_owned(this, writers_clock_, readers_clock_, true);
}

bool rw_mutex::try_lock_shared() {
  RAVEL_POINT(rw_try_rlock, writes, this);
  const bool got = !hooks::is_to_fail(hooks::op::rw_try_rlock) && core_.try_lock_shared();
  if (got) hooks::took(hooks::op::rw_try_rlock, this, 1);
  else hooks::took_alone(hooks::op::rw_try_rlock);
  if (got) hooks::progressed();
  if (got) read_owned(this, writers_clock_, readers_clock_, false);
  return got;
}

void rw_mutex::unlock_shared() {
  RAVEL_POINT(rw_runlock, writes, this);
  if (!core_.is_locked_shared() && hooks::being_unwound()) return;
  if (!core_.is_locked_shared()) sched::fatal("sync: RUnlock of unlocked RWMutex");
  auto& g = sched::current();
  hooks::sink().lock_released(g, this, hooks::lock_mode::shared);
  hooks::took(hooks::op::rw_runlock, this);
  hooks::sink().release_merge(g, as_object(readers_clock_), hooks::operation::rw_mutex_runlock);
  core_.unlock_shared();
}

#endif

} }
