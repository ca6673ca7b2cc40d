// File descriptors: what came before a write happens before what follows the read that gets it. And the memory they move.
//
// What two descriptors have in common is known by what they refer to: both ends of a pipe are one inode, a file is its inode. Sockets
// of one connection have nothing in common that is cheap to ask for, so all sockets are one: too many orders, never too few.
// Rejected: Go's one object for all input and output, which hides every race between two threads that print.

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"

namespace ravel::detector {

namespace {

// Never an address of the program.
constexpr std::uintptr_t no_address = std::uintptr_t{1} << 63;
const void* const all_sockets = reinterpret_cast<const void*>(no_address);

const void* identity_of(int descriptor) {
  struct stat s;
  if (::syscall(SYS_fstat, descriptor, &s) != 0) return nullptr;
  if (S_ISSOCK(s.st_mode)) return all_sockets;
  return reinterpret_cast<const void*>(((s.st_ino * 0x9E3779B97F4A7C15ull) ^ (s.st_dev << 17)) | no_address | 1);
}

void tells(int descriptor, const void* frame) {
  if (!goroutine_observed()) return;
  const int before = errno;
  if (const void* i = identity_of(descriptor)) merge_into(i, hooks::operation::descriptor_write, frame);
  errno = before;
}

void learns(int descriptor) {
  if (!goroutine_observed()) return;
  const int before = errno;
  if (const void* i = identity_of(descriptor)) acquire_from(i);
  errno = before;
}

// Also at the end of what was written (0 bytes): closing the other end said so.
template <class Count>
Count got(Count n, int descriptor, const void* memory, const void* frame) {
  if (n < 0) return n;
  learns(descriptor);
  record_written(memory, static_cast<std::size_t>(n), frame);
  return n;
}

void gives(int descriptor, const void* memory, std::size_t size, const void* frame) {
  record_read(memory, size, frame);
  tells(descriptor, frame);
}

void record_parts(const iovec* parts, std::size_t count, std::size_t bytes, bool written, const void* frame) {
  for (std::size_t i = 0; i < count && bytes != 0; ++i) {
    const std::size_t n = std::min(parts[i].iov_len, bytes);
    if (written) record_written(parts[i].iov_base, n, frame);
    else record_read(parts[i].iov_base, n, frame);
    bytes -= n;
  }
}

ssize_t got_parts(ssize_t n, int descriptor, const iovec* parts, std::size_t count, const void* frame) {
  if (n < 0) return n;
  learns(descriptor);
  record_parts(parts, count, static_cast<std::size_t>(n), true, frame);
  return n;
}

void gives_parts(int descriptor, const iovec* parts, std::size_t count, const void* frame) {
  record_parts(parts, count, static_cast<std::size_t>(-1), false, frame);
  tells(descriptor, frame);
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

ssize_t read(int d, void* to, std::size_t n) { return got(libc.read(d, to, n), d, to, __builtin_frame_address(0)); }
ssize_t pread(int d, void* to, std::size_t n, off_t at) { return got(libc.pread(d, to, n, at), d, to, __builtin_frame_address(0)); }
ssize_t pread64(int d, void* to, std::size_t n, off64_t at) { return got(libc.pread64(d, to, n, at), d, to, __builtin_frame_address(0)); }
ssize_t recv(int d, void* to, std::size_t n, int flags) { return got(libc.recv(d, to, n, flags), d, to, __builtin_frame_address(0)); }
ssize_t recvfrom(int d, void* to, std::size_t n, int flags, sockaddr* from, socklen_t* length) {
  return got(libc.recvfrom(d, to, n, flags, from, length), d, to, __builtin_frame_address(0));
}
ssize_t readv(int d, const iovec* parts, int count) {
  return got_parts(libc.readv(d, parts, count), d, parts, static_cast<std::size_t>(std::max(count, 0)), __builtin_frame_address(0));
}
ssize_t recvmsg(int d, msghdr* m, int flags) {
  return got_parts(libc.recvmsg(d, m, flags), d, m->msg_iov, m->msg_iovlen, __builtin_frame_address(0));
}

ssize_t write(int d, const void* from, std::size_t n) {
  gives(d, from, n, __builtin_frame_address(0));
  return libc.write(d, from, n);
}
ssize_t pwrite(int d, const void* from, std::size_t n, off_t at) {
  gives(d, from, n, __builtin_frame_address(0));
  return libc.pwrite(d, from, n, at);
}
ssize_t pwrite64(int d, const void* from, std::size_t n, off64_t at) {
  gives(d, from, n, __builtin_frame_address(0));
  return libc.pwrite64(d, from, n, at);
}
ssize_t send(int d, const void* from, std::size_t n, int flags) {
  gives(d, from, n, __builtin_frame_address(0));
  return libc.send(d, from, n, flags);
}
ssize_t sendto(int d, const void* from, std::size_t n, int flags, const sockaddr* to, socklen_t length) {
  gives(d, from, n, __builtin_frame_address(0));
  return libc.sendto(d, from, n, flags, to, length);
}
ssize_t writev(int d, const iovec* parts, int count) {
  gives_parts(d, parts, static_cast<std::size_t>(std::max(count, 0)), __builtin_frame_address(0));
  return libc.writev(d, parts, count);
}
ssize_t sendmsg(int d, const msghdr* m, int flags) {
  gives_parts(d, m->msg_iov, m->msg_iovlen, __builtin_frame_address(0));
  return libc.sendmsg(d, m, flags);
}

int eventfd_write(int d, eventfd_t value) {
  tells(d, __builtin_frame_address(0));
  return libc.eventfd_write(d, value);
}
int eventfd_read(int d, eventfd_t* value) {
  const int failed = libc.eventfd_read(d, value);
  if (failed == 0) learns(d);
  return failed;
}

// A connection is agreed on by two: each learns what the other did before.
int listen(int d, int most) noexcept {
  tells(d, __builtin_frame_address(0));
  return libc.listen(d, most);
}
int connect(int d, const sockaddr* to, socklen_t length) {
  tells(d, __builtin_frame_address(0));
  const int failed = libc.connect(d, to, length);
  if (failed == 0) learns(d);
  return failed;
}
int accept(int d, sockaddr* from, socklen_t* length) {
  const int connection = libc.accept(d, from, length);
  if (connection >= 0) learns(d);
  return connection;
}
int accept4(int d, sockaddr* from, socklen_t* length, int flags) {
  const int connection = libc.accept4(d, from, length, flags);
  if (connection >= 0) learns(d);
  return connection;
}

int shutdown(int d, int how) noexcept {
  tells(d, __builtin_frame_address(0));
  return libc.shutdown(d, how);
}
int close(int d) {
  tells(d, __builtin_frame_address(0));
  return libc.close(d);
}

}  // extern "C"
