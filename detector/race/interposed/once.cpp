// pthread_once, call_once, and so std::call_once: what the routine did happens before every return, and an attempt that ended by an
// exception before the next.

#include <utility>

#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "runtime/hooks/controlled.hpp"

namespace ravel::detector {

namespace {

struct pending_once {
  const void* control;
  void (*routine)();
  const void* frame;
};

// The C library's functions pass no argument to the routine. It runs, if at all, before anything else on this thread.
thread_local constinit pending_once pending{};

struct attempt {
  explicit attempt(const pending_once& o) : once(o) {
    if (observed()) acquire_from(once.control);
  }
  ~attempt() {
    if (observed()) merge_into(once.control, hooks::operation::thread_once, once.frame);
  }
  const pending_once once;
};

void run_routine() {
  const attempt mine(pending);  // a copy: the routine may come here for another control, or go on on another thread
  mine.once.routine();
}

// glibc's words: bit 0 while somebody runs the routine, the fork count above the two lowest. All goroutines of a controlled run are one thread
// to the library: who comes while another runs the routine must not go in.
bool nobody_runs_it(const void* control) { return (__atomic_load_n(static_cast<const int*>(control), __ATOMIC_RELAXED) & 3) != 1; }

// libstdc++ hands the routine over in variables of the thread, so whoever can go in must do it before another goroutine runs.
[[gnu::noinline]] void wait_for_turn(const void* control, const void* frame) {
  if (!hooks::in_controlled_run() || nobody_runs_it(control)) return;
  hooks::detail::point({hooks::op::once_call, hooks::touch::writes, 0, control, nullptr, reinterpret_cast<std::uintptr_t>(frame), 0}, nobody_runs_it,
                       hooks::wait_reason::once_call);
  const bool done = (__atomic_load_n(static_cast<const int*>(control), __ATOMIC_RELAXED) & 3) == 2;
  if (!done) hooks::refuse_in_controlled_run("a second attempt at std::call_once after one that ended by an exception while others waited");
}

// Also when the routine ends by an exception: then whoever waits may go in.
struct tells_at_the_end {
  const void* control;
  ~tells_at_the_end() { tell_of_release(control); }
};

template <class Once>
int once(const void* control, void (*routine)(), const void* frame, Once call) {
  if (!observed()) return call(routine);
  if (hooks::maybe_controlled()) wait_for_turn(control, frame);
  const tells_at_the_end of{control};
  pending = {control, routine, frame};
  const int error = call(run_routine);
  if (error == 0) acquire_from(control);
  return error;
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

int pthread_once(pthread_once_t* control, void (*routine)()) {
  return once(control, routine, __builtin_frame_address(0), [=](void (*r)()) { return libc.pthread_once(control, r); });
}

void call_once(once_flag* control, void (*routine)()) {
  once(control, routine, __builtin_frame_address(0), [=](void (*r)()) {
    libc.call_once(control, r);
    return 0;
  });
}

}  // extern "C"
