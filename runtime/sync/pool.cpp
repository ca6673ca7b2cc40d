#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

void pool_core::put(pool_box* box) {
  if constexpr (hooks::enabled) hooks::sink().release(sched::current(), as_object(box->clock), hooks::operation::pool_put);
  as_lock(guard_).lock();
  box->next = first_;
  first_ = box;
  as_lock(guard_).unlock();
}

pool_box* pool_core::get() {
  as_lock(guard_).lock();
  pool_box* box = first_;
  if (box != nullptr) first_ = box->next;
  as_lock(guard_).unlock();
  if constexpr (hooks::enabled) {
    if (box != nullptr) hooks::sink().acquire(sched::current(), as_object(box->clock), hooks::operation::pool_get);
  }
  return box;
}

void pool_core::release(pool_box& box) { hooks::destroyed(as_object(box.clock)); }

}  // namespace detail
} }
