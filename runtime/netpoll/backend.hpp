#pragma once
// What the kernel offers to wait for many descriptors: epoll here. Another system's (kqueue) is another file that defines these functions.
//
// Descriptors are watched edge-triggered, once, for reading and writing, until they are closed: no system call a wait.

#include <cstdint>

#include "runtime/sched/poller.hpp"

namespace ravel::netpoll::backend {

inline constexpr std::uint32_t readable = 1, writable = 2, hung_up = 4;  // flags of events
inline constexpr std::uint64_t interruption = 0;                         // `what` of the event that interrupt() makes

int open() noexcept;                                   // once; 0 or an errno
int watch(int descriptor, std::uint64_t what) noexcept;  // 0 or an errno
void wait(sched::poll_batch& batch, std::int64_t nanoseconds) noexcept;
void interrupt() noexcept;

}  // namespace ravel::netpoll::backend
