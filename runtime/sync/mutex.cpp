// What mutex adds in a race build: the detector's events around mutex_core. A plain build inlines mutex_core.

#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

#if RAVEL_RACE

using namespace detail;

namespace {
void owned(const void* m, clock_storage& clock, bool waited) {
  auto& g = sched::current();
  hooks::sink().acquire(g, as_object(clock), hooks::operation::mutex_lock);
  hooks::sink().lock_acquired(g, m, hooks::lock_mode::exclusive, hooks::operation::mutex_lock, waited);
}
}  // namespace

mutex::~mutex() {
  hooks::sink().lock_destroyed(this);
  hooks::destroyed(as_object(clock_));
}

void mutex::lock() {
  if (!core_.try_lock()) {
    hooks::sink().wants_lock(sched::current(), this, hooks::lock_mode::exclusive, hooks::operation::mutex_lock);
    core_.lock(this);
  }
  owned(this, clock_, true);
}

bool mutex::try_lock() {
  const bool got = core_.try_lock();
  if (got) owned(this, clock_, false);
  return got;
}

void mutex::unlock() {
  if (!core_.is_locked()) sched::fatal("sync: unlock of unlocked mutex");
  auto& g = sched::current();
  hooks::sink().lock_released(g, this, hooks::lock_mode::exclusive);
  hooks::sink().release(g, as_object(clock_), hooks::operation::mutex_unlock);
  core_.unlock();
}

#endif

} }
