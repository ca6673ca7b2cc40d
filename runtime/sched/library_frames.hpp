#pragma once
// Is the goroutine in a callback of a library's? A library that was not compiled by ravel++ may hold a lock, or have left something in a
// variable of the thread, while it calls: the C library in qsort and pthread_once, libstdc++ in std::call_once, an uninstrumented plugin.

namespace ravel::sched {

// Everything above this frame of the main thread's stack is goroutine 1.
void main_begins_at(const void* frame) noexcept;

// True if one of the 256 functions last called on the calling goroutine's stack lies in an object without safepoints; who recurses deeper
// from within a callback can be preempted there. Takes no lock, allocates nothing; about 0.3 us for each function looked at.
bool library_on_stack() noexcept;

}  // namespace ravel::sched
