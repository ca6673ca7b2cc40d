#include "detector/base/spin_lock.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace ravel::detector {

// Not the C library's: in a controlled run that is a step, and another goroutine would go on in the middle of what the lock protects.
__thread bool spin_lock::yields = false;

void spin_lock::yield_thread() noexcept {
  yields = true;
  ::syscall(SYS_sched_yield);
  yields = false;
}

}  // namespace ravel::detector
