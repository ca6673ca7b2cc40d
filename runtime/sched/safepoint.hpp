#pragma once
// Preemption: the plugin inserts a test of one word of the thread's at function entries and loop back-edges of user code; when the monitor
// has set it, the goroutine yields there. Safe in malloc and the C library, which have no such tests.

#include <atomic>
#include <cstdint>

namespace ravel::sched {

// The word of the calling thread. Never inlined.
std::atomic<std::uint32_t>* yield_request_of_thread() noexcept;

}  // namespace ravel::sched
