// "All goroutines are asleep": said exactly when nobody is left who could wake anybody.

#include <dirent.h>

#include "runtime/sched/fatal.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

int os_threads() {
  DIR* d = ::opendir("/proc/self/task");
  if (d == nullptr) return 0;
  int n = 0;
  while (const dirent* e = ::readdir(d)) n += e->d_name[0] != '.';
  ::closedir(d);
  return n;
}

bool timers_pending() {
  const int n = global.created_processors.load(std::memory_order_acquire);
  for (int i = 0; i < n; ++i) {
    if (global.all[i]->timers.any_live()) return true;
  }
  return false;
}

// A processor is idle only while its queue is empty, so what is runnable is in the global queue, on its way, or run. Each way on
// counts as the next before it stops counting as the one before: blocking() until the goroutine is queued, a timer until what it wakes is
// runnable, a foreign thread from before it is woken.
bool somebody_acts() {
  return global.idle_processor_count.load() < global.created_processors.load() || global.queue_length.load() != 0 ||
         global.blocking.load() != 0 || waiting_for_descriptors.load() != 0 || global.foreign_running.load() != 0 || !global.main_adopted.load();
}
bool somebody_may_act() { return somebody_acts() || timers_pending(); }

}  // namespace

// Called with the scheduler's lock whenever a machine or foreign thread has nothing left to run.
void check_deadlock_locked() {
  if constexpr (hooks::enabled) {
    if (!somebody_acts() && timers_pending() && hooks::sink().wants_quiet_moment() && os_threads() <= global.known_threads.load()) {
      hooks::sink().quiet_moment();
      return;
    }
  }
  if (somebody_may_act() || count_goroutines() == 0) return;
  // Threads the runtime knows nothing of could still wake somebody. One that is adopted meanwhile counts as running before it counts as
  // known, so in this order it is seen as one or the other.
  const int known = global.known_threads.load();
  if (os_threads() > known || somebody_may_act()) return;
  if (global.main_exited && count_goroutines() == 1) end_without_goroutines();
  if constexpr (hooks::enabled) hooks::sink().all_asleep();
  end_with_deadlock();
}

}  // namespace ravel::sched
