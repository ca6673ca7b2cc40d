// syscall(2). libstdc++ waits by futexes in its headers (std::atomic::wait, std::latch, std::barrier, std::counting_semaphore) and in its library
// (std::future, initialisation of function-local statics), and both call them here. In a controlled run all goroutines share a thread, which the
// kernel must not stop: they wait as goroutines do. What orders accesses are the atomics around the calls, not these.

#include <linux/futex.h>
#include <sys/syscall.h>

#include <climits>
#include <cstdarg>

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled_library.hpp"

namespace ravel::detector {

namespace {

// On the run's monotonic clock; -1: never.
std::int64_t deadline_of(const timespec* t, bool absolute, bool of_calendar) {
  if (t == nullptr) return -1;
  const std::int64_t n = std::int64_t{t->tv_sec} > INT64_MAX / 2'000'000'000 ? INT64_MAX / 2 : t->tv_sec * 1'000'000'000 + t->tv_nsec;
  if (!absolute) return hooks::read_controlled_clock() + n;
  const std::int64_t at = of_calendar ? n - hooks::controlled_epoch : n;
  return at < 0 ? 0 : at;
}

long result_of(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

long futex(const long (&a)[6]) {
  const auto* word = reinterpret_cast<const std::uint32_t*>(a[0]);
  const int how = static_cast<int>(a[1]);
  const auto value = static_cast<std::uint32_t>(a[2]);
  const auto* time = reinterpret_cast<const timespec*>(a[3]);
  const bool of_calendar = (how & FUTEX_CLOCK_REALTIME) != 0;
  switch (how & FUTEX_CMD_MASK) {
    case FUTEX_WAIT: return result_of(hooks::controlled_futex_wait(word, value, FUTEX_BITSET_MATCH_ANY, deadline_of(time, false, of_calendar)));
    case FUTEX_WAIT_BITSET:
      return result_of(hooks::controlled_futex_wait(word, value, static_cast<std::uint32_t>(a[5]), deadline_of(time, true, of_calendar)));
    case FUTEX_WAKE: return hooks::controlled_futex_wake(word, static_cast<int>(value), FUTEX_BITSET_MATCH_ANY);
    case FUTEX_WAKE_BITSET: return hooks::controlled_futex_wake(word, static_cast<int>(value), static_cast<std::uint32_t>(a[5]));
    default: break;
  }
  hooks::refuse_in_controlled_run("a futex call that does not just wait or wake");
  return result_of(ENOSYS);
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

long syscall(long number, ...) noexcept {
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (long& argument : a) argument = va_arg(rest, long);  // as many as the kernel takes; the C library's reads no fewer
  va_end(rest);
  if (number == SYS_futex && in_schedule()) return futex(a);
  if (libc.syscall == nullptr) find_libc_functions();  // a library's constructor, before the detector's
  return libc.syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

}  // extern "C"
