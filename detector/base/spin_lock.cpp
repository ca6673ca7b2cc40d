#include "detector/base/spin_lock.hpp"

#include <sched.h>

namespace ravel::detector {

void spin_lock::yield_thread() noexcept { ::sched_yield(); }

}  // namespace ravel::detector
