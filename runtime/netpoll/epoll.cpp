// epoll(7). The interruption is an eventfd watched level-triggered, so that a poll which does not wait cannot take it from the one that does:
// only the latter reads it.

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/diag/check.hpp"
#include "runtime/hooks/hooks.hpp"
#include "runtime/netpoll/backend.hpp"

namespace ravel::netpoll::backend {

namespace {

int poll_fd = -1;
int wake_fd = -1;

int wait_for(epoll_event* events, int most, std::int64_t nanoseconds) {
  if (nanoseconds == 0) return ::epoll_wait(poll_fd, events, most, 0);
  static bool has_pwait2 = true;  // Linux 5.11
  if (has_pwait2) {
    const timespec limit{static_cast<time_t>(nanoseconds / 1'000'000'000), static_cast<long>(nanoseconds % 1'000'000'000)};
    const int n = ::epoll_pwait2(poll_fd, events, most, nanoseconds < 0 ? nullptr : &limit, nullptr);
    if (n >= 0 || (errno != ENOSYS && errno != EPERM)) return n;
    has_pwait2 = false;  // one at a time waits, so nobody else looks
  }
  constexpr std::int64_t longest = 1'000'000'000;  // milliseconds: the caller looks at the clock again
  const std::int64_t milliseconds = (nanoseconds + 999'999) / 1'000'000;
  return ::epoll_wait(poll_fd, events, most, nanoseconds < 0 ? -1 : static_cast<int>(milliseconds < longest ? milliseconds : longest));
}

}  // namespace

int open() noexcept {
  const hooks::own_use ours;
  poll_fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (poll_fd < 0) return errno;
  wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event e{};
  e.events = EPOLLIN;
  e.data.u64 = interruption;
  if (wake_fd >= 0 && ::epoll_ctl(poll_fd, EPOLL_CTL_ADD, wake_fd, &e) == 0) return 0;
  const int error = errno;
  if (wake_fd >= 0) ::close(wake_fd);
  ::close(poll_fd);
  return error;
}

int watch(int descriptor, std::uint64_t what) noexcept {
  epoll_event e{};
  e.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  e.data.u64 = what;
  return ::epoll_ctl(poll_fd, EPOLL_CTL_ADD, descriptor, &e) == 0 ? 0 : errno;
}

void wait(sched::poll_batch& batch, std::int64_t nanoseconds) noexcept {
  const hooks::own_use ours;
  epoll_event events[sched::poll_batch::most];
  const int n = wait_for(events, sched::poll_batch::most, nanoseconds);
  RAVEL_CHECK(n >= 0 || errno == EINTR);
  batch.count = 0;
  for (int i = 0; i < n; ++i) {
    if (events[i].data.u64 == interruption) {
      std::uint64_t times = 0;
      if (nanoseconds != 0) (void)!::read(wake_fd, &times, sizeof times);
      continue;
    }
    const std::uint32_t e = events[i].events;
    std::uint32_t flags = 0;
    if ((e & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) flags |= readable;
    if ((e & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) flags |= writable;
    if ((e & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) flags |= hung_up;
    batch.events[batch.count++] = {events[i].data.u64, flags};
  }
}

void interrupt() noexcept {
  const hooks::own_use ours;
  const int before = errno;
  const std::uint64_t one = 1;
  (void)!::write(wake_fd, &one, sizeof one);
  errno = before;
}

}  // namespace ravel::netpoll::backend
