// The monitor: a thread that looks at the processors now and then and helps where nobody else can. It
//   - asks a goroutine that has run for 10 ms to yield at its next safepoint, and so does a timer that is overdue while all are busy;
//   - takes the processor of a machine that is in blocking() for longer than one look;
//   - lets one more processor run for one whose thread sleeps in the kernel (stalled.cpp);
//   - wakes a machine for a goroutine that waits behind one that computes, and marks that processor eager;
//   - wakes a machine when goroutines wait for descriptors and nobody polls;
//   - gives memory of idle stacks back;
//   - writes the dump for SIGQUIT, since a signal handler must not.
// It looks every 20 us while it finds something to do, less and less often when it does not, at least every millisecond; when all processors
// have been idle for a while it rests until one is taken. Go runtime/proc.go sysmon.

#include <pthread.h>

#include <system_error>
#include <utility>

#include "runtime/sched/goroutine_slots.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

constinit std::atomic<bool> monitor_rests{false};
constinit std::atomic<bool> monitor_started{false};
constinit std::atomic<bool> dump_requested{false};

namespace {

constexpr std::int64_t shortest_nap = 20'000, longest_nap = 1'000'000;
constexpr int looks_before_slower = 50;
constexpr std::int64_t slice = 10'000'000;
constexpr std::int64_t overdue = 200'000;
constexpr std::int64_t rest_after = 20'000'000;          // all idle for so long
constexpr std::int64_t cool_every = 200'000'000;
constexpr int eagerness = 1024;
constexpr std::int64_t left_for = 10'000;                // ns in `next` that say: the goroutine before it computes

constinit std::atomic<std::uint32_t> wake_word{0};

struct seen {
  std::uint32_t slices = 0;
  std::int64_t since = 0;
  int ignored = 0;                      // times it was asked to yield in this slice and did not
  bool made_up_for = false;
  std::uint32_t loans = 0;
  bool lent = false;
  std::uint32_t waiting_slices = 0;
};
seen last[most_processors];

bool take_back_lent(processor& p, seen& s) {
  machine* lender = p.lender.load(std::memory_order_acquire);
  const std::uint32_t loans = p.loans.load(std::memory_order_relaxed);
  const bool long_enough = lender != nullptr && s.lent && s.loans == loans;
  s.lent = lender != nullptr;
  s.loans = loans;
  if (!long_enough || !p.lender.compare_exchange_strong(lender, nullptr, std::memory_order_acq_rel)) return false;
  s.lent = false;
  machine nobody;
  nobody.p = &p;
  release_processor(nobody);
  return true;
}

void watch_slice(processor& p, seen& s, std::int64_t now) {
  const std::uint32_t slices = p.slices.load(std::memory_order_relaxed);
  if (slices != s.slices || p.holder.load(std::memory_order_relaxed) == nullptr) {
    s.slices = slices;
    s.since = now;
    s.ignored = 0;
    if (std::exchange(s.made_up_for, false)) end_making_up();
    return;
  }
  if (now - s.since < slice) return;
  s.since = now;
  ask_to_yield(p);
  if (++s.ignored > 1 && !s.made_up_for) s.made_up_for = begin_making_up_for(p);
}

// True: something waits here since the last look although somebody could run it.
bool watch_waiting(processor& p, seen& s) {
  const std::uint32_t slices = p.slices.load(std::memory_order_relaxed);
  const bool same_slice = s.waiting_slices == slices;
  s.waiting_slices = slices;
  const bool stuck = global.idle_processor_count.load(std::memory_order_relaxed) != 0 && next_is_left_alone(p, left_for) != nullptr;
  if (stuck) p.eager.store(eagerness, std::memory_order_relaxed);
  const std::uint32_t queued = p.queue.size();
  return stuck || queued >= 2 || (queued == 1 && same_slice);
}

// Returns whether there was something to do.
bool look(std::int64_t now) {
  const int n = global.created_processors.load(std::memory_order_acquire);
  bool busy = false, waiting = global.queue_length.load(std::memory_order_relaxed) != 0;
  for (int i = 0; i < n; ++i) {
    processor& p = *global.all[i];
    busy |= take_back_lent(p, last[i]);
    watch_slice(p, last[i], now);
    waiting |= watch_waiting(p, last[i]);
  }
  const bool late = next_deadline() < now - overdue;
  if (!waiting && !late && !poll_is_overdue()) return busy;
  if (global.idle_processor_count.load(std::memory_order_seq_cst) != 0) {
    wake_a_machine();
    return true;
  }
  if (late) {
    // All: its own processor may be one that nobody holds, or whose goroutine has no safepoint.
    for (int i = 0; i < global.limit.load(std::memory_order_relaxed); ++i) ask_to_yield(*global.all[i]);
  }
  return busy;
}

bool all_idle() {
  return global.idle_processor_count.load(std::memory_order_seq_cst) ==
         global.created_processors.load(std::memory_order_seq_cst);
}

void nap(std::int64_t nanoseconds) {
  futex_wait(wake_word, 0, nanoseconds);
  wake_word.store(0, std::memory_order_relaxed);
  if (dump_requested.load(std::memory_order_acquire)) dump_and_exit();
}

void rest() {
  monitor_rests.store(true, std::memory_order_seq_cst);
  if (all_idle()) nap(-1);
  monitor_rests.store(false, std::memory_order_seq_cst);
}

[[noreturn]] void* watch(void*) {
  std::int64_t next_cool = now_ns() + cool_every, idle_since = 0, length = shortest_nap;
  int quiet = 0;
  bool cooling = false;
  for (;;) {
    nap(length);
    const std::int64_t now = now_ns();
    if (look(now)) {
      quiet = 0;
      length = shortest_nap;
    } else if (++quiet > looks_before_slower && length < longest_nap) {
      length *= 2;
    }
    if (now >= next_cool) {
      cooling = cool_idle_slots();
      next_cool = now + cool_every;
    }
    if (!all_idle()) {
      idle_since = 0;
    } else if (idle_since == 0) {
      idle_since = now;
    } else if (now - idle_since > rest_after && !cooling) {
      rest();
      idle_since = 0;
    }
  }
}

}  // namespace

void wake_monitor() noexcept {
  wake_word.store(1, std::memory_order_release);
  futex_wake(wake_word);
}

void start_the_monitor() {
  bool no = false;
  if (!monitor_started.compare_exchange_strong(no, true, std::memory_order_acq_rel)) return;
  const hooks::own_use ours;
  global.known_threads.fetch_add(1, std::memory_order_relaxed);
  pthread_t thread;
  const int error = ::pthread_create(&thread, nullptr, watch, nullptr);
  if (error != 0) throw std::system_error(error, std::generic_category(), "ravel: cannot start the monitor thread");
  ::pthread_detach(thread);
}

}  // namespace ravel::sched
