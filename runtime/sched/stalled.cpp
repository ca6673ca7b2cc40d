// Machines whose thread sleeps in the kernel although its goroutine is not in blocking(): it waits for a std::mutex, a pipe, a file. Its
// processor cannot be taken, since the goroutine goes on with it at any moment; but a sleeping thread uses no CPU, so one more processor
// runs meanwhile. Without it a goroutine that is asked to yield while it holds a std::mutex would hang all that want it on one processor.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

constexpr int most_extra = 64;

bool thread_sleeps(int thread_id) {
  char path[64], text[256];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread_id);
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const ssize_t n = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (n <= 0) return false;
  text[n] = '\0';
  const char* after_name = std::strrchr(text, ')');
  return after_name != nullptr && (after_name[2] == 'S' || after_name[2] == 'D');
}

int stalled = 0;  // the monitor's: processors that are made up for at present

void make_up_for_locked(int change) {
  stalled += change;
  const int limit = global.chosen_limit + (stalled < most_extra ? stalled : most_extra);
  global.limit.store(limit < most_processors ? limit : most_processors, std::memory_order_relaxed);
  add_processors_locked(global.limit.load(std::memory_order_relaxed));
}

}  // namespace

int extra_processors_locked() noexcept { return stalled < most_extra ? stalled : most_extra; }

bool begin_making_up_for(processor& p) {
  machine* m = p.holder.load(std::memory_order_acquire);
  const int thread = m != nullptr ? m->thread_id.load(std::memory_order_relaxed) : 0;
  if (thread == 0 || p.lender.load(std::memory_order_acquire) != nullptr || !thread_sleeps(thread)) return false;
  {
    const std::lock_guard hold(global.lock);
    make_up_for_locked(1);
  }
  wake_a_machine();
  return true;
}

void end_making_up() {
  const std::lock_guard hold(global.lock);
  const int before = global.limit.load(std::memory_order_relaxed);
  make_up_for_locked(-1);
  for (int i = global.limit.load(std::memory_order_relaxed); i < before; ++i) ask_to_yield(*global.all[i]);
}

}  // namespace ravel::sched
