// Clocks and sleeping. In a controlled run time is virtual, whoever asks: the clocks of <chrono> in libstdc++.so come here too. Outside of one
// nothing changes. Processor time is the run's time too: what a goroutine computes takes none.

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled_library.hpp"

namespace ravel::detector {

namespace {

constexpr std::int64_t second = 1'000'000'000;

bool is_of_calendar(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI;
}

std::int64_t calendar() { return hooks::controlled_epoch + hooks::read_controlled_clock(); }

timespec spec_of(std::int64_t t) { return {t / second, t % second}; }

// Nothing that is slept in a test takes longer than time can be counted.
std::int64_t nanoseconds_of(const timespec& t) {
  std::int64_t n = 0;
  if (__builtin_mul_overflow(std::int64_t{t.tv_sec}, second, &n) || __builtin_add_overflow(n, t.tv_nsec, &n)) return INT64_MAX;
  return n;
}

bool makes_sense(const timespec& t) { return t.tv_sec >= 0 && t.tv_nsec >= 0 && t.tv_nsec < second; }

int sleep_virtually(clockid_t clock, bool absolute, const timespec& t) {
  if (!makes_sense(t)) return EINVAL;
  std::int64_t n = nanoseconds_of(t);
  if (absolute) {
    const std::int64_t now = hooks::read_controlled_clock();
    n -= is_of_calendar(clock) ? hooks::controlled_epoch + now : now;
  }
  hooks::sleep_in_controlled_run(n);
  return 0;
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

int clock_gettime(clockid_t clock, timespec* to) noexcept {
  if (!in_schedule()) {
    if (libc.clock_gettime == nullptr) find_libc_functions();  // a library's constructor, before the detector's
    return libc.clock_gettime(clock, to);
  }
  *to = spec_of(is_of_calendar(clock) ? calendar() : ravel::hooks::read_controlled_clock());
  return 0;
}
int gettimeofday(timeval* __restrict to, void* __restrict zone) noexcept {
  if (!in_schedule()) {
    if (libc.gettimeofday == nullptr) find_libc_functions();
    return libc.gettimeofday(to, zone);
  }
  const std::int64_t now = calendar();
  *to = {now / second, now % second / 1000};
  return 0;
}
time_t time(time_t* to) noexcept {
  if (!in_schedule()) {
    if (libc.time == nullptr) find_libc_functions();
    return libc.time(to);
  }
  const time_t now = calendar() / second;
  if (to != nullptr) *to = now;
  return now;
}
clock_t clock() noexcept {
  if (in_schedule()) return ravel::hooks::read_controlled_clock() / (second / CLOCKS_PER_SEC);
  return libc.clock();
}
int timespec_get(timespec* to, int base) noexcept {
  if (!in_schedule() || base != TIME_UTC) return libc.timespec_get(to, base);
  *to = spec_of(calendar());
  return base;
}

int nanosleep(const timespec* time, timespec* left) {
  if (!in_schedule()) return libc.nanosleep(time, left);
  const int error = sleep_virtually(CLOCK_MONOTONIC, false, *time);
  if (error == 0) return 0;
  errno = error;
  return -1;
}
int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  if (!in_schedule()) return libc.clock_nanosleep(clock, flags, time, left);
  return sleep_virtually(clock, (flags & TIMER_ABSTIME) != 0, *time);
}
int usleep(useconds_t microseconds) {
  if (!in_schedule()) return libc.usleep(microseconds);
  ravel::hooks::sleep_in_controlled_run(std::int64_t{microseconds} * 1000);
  return 0;
}
unsigned sleep(unsigned seconds) {
  if (!in_schedule()) return libc.sleep(seconds);
  ravel::hooks::sleep_in_controlled_run(std::int64_t{seconds} * second);
  return 0;
}
int thrd_sleep(const timespec* time, timespec* left) {
  if (!in_schedule()) return libc.thrd_sleep(time, left);
  return sleep_virtually(CLOCK_MONOTONIC, false, *time) == 0 ? 0 : -2;
}

int sched_yield() noexcept {
  if (!in_schedule()) return libc.sched_yield == nullptr ? 0 : libc.sched_yield();
  RAVEL_POINT(yield, nothing, nullptr);
  return 0;
}
void thrd_yield() {
  if (in_schedule()) RAVEL_POINT(yield, nothing, nullptr);
  else libc.thrd_yield();
}

}  // extern "C"
