#pragma once
// What every switch between goroutines does on its way, and a goroutine's end. Private to sched/.

#include <cstdlib>
#include <utility>

#include "runtime/sched/fiber_annotations.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

// Unwinds a goroutine to its first frame. Thrown by goexit, caught by run alone; not an std::exception on purpose.
struct goexit_signal {};

void begin(machine& m, goroutine& g);       // it runs from now on
void free_work(goroutine& g);

// First thing on the stack of a goroutine that runs from now on.
[[gnu::always_inline]] inline void arrive(machine& m, goroutine& g) {
  fibers::arrived(g);
  m.after(m, *m.left);
  if constexpr (hooks::enabled) hooks::sink().resumed(g);
  // libstdc++'s caught and uncaught exceptions are per thread; a goroutine takes its own along.
  m.exceptions[0] = g.exception_state[0];
  m.exceptions[1] = g.exception_state[1];
}

}  // namespace ravel::sched
