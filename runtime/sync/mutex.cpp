#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

using namespace detail;

// Ownership passes straight to the longest waiter: locked_ stays true. No waiter starves.
namespace {
void owned([[maybe_unused]] const void* m, [[maybe_unused]] clock_storage& clock) {
  if constexpr (hooks::enabled) {
    hooks::sink().acquire(sched::current(), as_object(clock), hooks::operation::mutex_lock);
    hooks::sink().lock_acquired(sched::current(), m, hooks::lock_mode::exclusive, hooks::operation::mutex_lock);
  }
}
}  // namespace

mutex::~mutex() { hooks::destroyed(as_object(clock_)); }

void mutex::lock() {
  as_lock(guard_).lock();
  if (!locked_) {
    locked_ = true;
    as_lock(guard_).unlock();
  } else {
    wait_in(waiters_, guard_, hooks::wait_reason::mutex_lock, this);
  }
  owned(this, clock_);
}

bool mutex::try_lock() {
  as_lock(guard_).lock();
  const bool got = !locked_;
  locked_ = true;
  as_lock(guard_).unlock();
  if (got) owned(this, clock_);
  return got;
}

void mutex::unlock() {
  as_lock(guard_).lock();
  if (!locked_) {
    as_lock(guard_).unlock();
    sched::fatal("sync: unlock of unlocked mutex");
  }
  if constexpr (hooks::enabled) {
    hooks::sink().lock_released(sched::current(), this, hooks::lock_mode::exclusive);
    hooks::sink().release(sched::current(), as_object(clock_), hooks::operation::mutex_unlock);
  }
  waiter* next = pop_front(waiters_);
  if (next == nullptr) locked_ = false;
  as_lock(guard_).unlock();
  if (next != nullptr) sched::ready(*next->g);
}

} }
