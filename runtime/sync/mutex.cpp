// What mutex adds in a race build: the detector's events around mutex_core. A plain build inlines mutex_core.

#include "runtime/hooks/order.hpp"
#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

#if RAVEL_RACE

using namespace detail;

namespace {
void owned(const void* m, clock_storage& clock, bool waited) {
  auto& g = sched::current();
  hooks::sink().retaken(g, as_object(clock));
  hooks::sink().acquire(g, as_object(clock), hooks::operation::mutex_lock);
  hooks::sink().lock_acquired(g, m, hooks::lock_mode::exclusive, hooks::operation::mutex_lock, waited);
}
}  // namespace

mutex::~mutex() {
  if (core_.is_locked() && !hooks::being_unwound()) hooks::sink().destroyed_in_use(sched::current(), this, hooks::event_sink::used_object::mutex);
  hooks::sink().lock_destroyed(this);
  hooks::destroyed(as_object(clock_));
}

void mutex::lock() {
  RAVEL_POINT_WHEN(mutex_lock, writes, this, mutex_lock, [](const void* m) { return !static_cast<const mutex*>(m)->core_.is_locked(); });
  if (!core_.try_lock()) {
    hooks::sink().wants_lock(sched::current(), this, hooks::lock_mode::exclusive, hooks::operation::mutex_lock);
    core_.lock(this);
  }
  hooks::changed(this);
  hooks::took(hooks::op::mutex_lock, in_order(this, order_));
  owned(this, clock_, true);
}

bool mutex::try_lock() {
  RAVEL_POINT(mutex_try_lock, writes, this);
  const bool got = !hooks::is_to_fail(hooks::op::mutex_try_lock) && core_.try_lock();
  if (got) hooks::took(hooks::op::mutex_try_lock, in_order(this, order_), 1);
  else hooks::took_alone(hooks::op::mutex_try_lock);
  if (got) {
    hooks::progressed();
    hooks::changed(this);
  }
  if (got) owned(this, clock_, false);
  return got;
}

void mutex::unlock() {
  RAVEL_POINT(mutex_unlock, writes, this);
  if (!core_.is_locked() && hooks::being_unwound()) return;  // out of a cond.wait, which had unlocked it
  if (!core_.is_locked()) sched::fatal("sync: unlock of unlocked mutex");
  auto& g = sched::current();
  hooks::sink().lock_released(g, this, hooks::lock_mode::exclusive);
  hooks::took(hooks::op::mutex_unlock, in_order(this, order_));
  hooks::sink().release(g, as_object(clock_), hooks::operation::mutex_unlock);
  core_.unlock();
  hooks::changed(this);
}

#endif

} }
