#pragma once
// The system calls of descriptors. Under -race they are the runtime's own: the memory they move is told to the detector here, and what orders
// what by descriptor, which knows the two ends of a connection; the C library's functions would take all sockets for one.

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/hooks/hooks.hpp"
#include "runtime/sched/scheduler.hpp"

namespace ravel::netpoll::calls {

inline void told([[maybe_unused]] const void* from, [[maybe_unused]] std::size_t size) {
  if constexpr (hooks::enabled) hooks::sink().annotate_read(sched::current(), from, size);
}
inline void learned([[maybe_unused]] void* to, [[maybe_unused]] long size) {
  if constexpr (hooks::enabled) {
    if (size > 0) hooks::sink().annotate_write(sched::current(), to, static_cast<std::size_t>(size));
  }
}

inline long receive(int d, void* to, std::size_t size) {
  long n = 0;
  {
    const hooks::own_use ours;
    n = ::recv(d, to, size, 0);
  }
  const int error = errno;
  learned(to, n);
  errno = error;
  return n;
}

// A broken connection is an error like any other: no SIGPIPE.
inline long send(int d, const void* from, std::size_t size) {
  told(from, size);
  const hooks::own_use ours;
  return ::send(d, from, size, MSG_NOSIGNAL);
}

inline long send_file(int d, int file, std::size_t size) {
  const hooks::own_use ours;
  return ::sendfile(d, file, nullptr, size);
}

inline int accept(int d, sockaddr* from, unsigned* length) {
  const hooks::own_use ours;
  return ::accept4(d, from, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

inline int connect(int d, const sockaddr* to, unsigned length) {
  const hooks::own_use ours;
  return ::connect(d, to, length);
}

inline int shut_down(int d, int how) {
  const hooks::own_use ours;
  return ::shutdown(d, how);
}

inline int close(int d) {
  const hooks::own_use ours;
  return ::close(d);
}

}  // namespace ravel::netpoll::calls
