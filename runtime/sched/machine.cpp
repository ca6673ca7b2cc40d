// Machines and processors: who holds what, sleeping and waking.

#include "runtime/sched/machine.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cxxabi.h>
#include <system_error>

#include "runtime/sched/alone.hpp"
#include "runtime/sched/safepoint.hpp"

namespace ravel::sched {

constinit global_state global{};

namespace {

thread_local constinit machine* machine_of_thread = nullptr;

void* machine_thread(void* argument) {
  auto& m = *static_cast<machine*>(argument);
  begin_machine(m);
  use_alternate_signal_stack();
  schedule(m);
}

void start_machine(processor* p, bool spinning) {
  const hooks::own_use ours;
  auto* m = new machine;
  m->p = p;
  m->spinning = spinning;
  m->random = reinterpret_cast<std::uintptr_t>(m) * 0x9E3779B97F4A7C15ull;
  global.known_threads.fetch_add(1, std::memory_order_relaxed);
  pthread_t thread;
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  p->holder.store(m, std::memory_order_release);
  const int error = ::pthread_create(&thread, &attributes, machine_thread, m);
  ::pthread_attr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "ravel: cannot start an OS thread");
}

void put_idle_processor_locked(processor* p) {
  p->holder.store(nullptr, std::memory_order_relaxed);
  p->idle_next = global.idle_processors;
  global.idle_processors = p;
  global.idle_processor_count.fetch_add(1, std::memory_order_seq_cst);
}

processor* take_idle_processor_locked() {
  const int limit = global.limit.load(std::memory_order_relaxed);
  for (processor** at = &global.idle_processors; *at != nullptr; at = &(*at)->idle_next) {
    if ((*at)->id >= limit) continue;
    if (!end_alone_locked()) return nullptr;  // a moment; if it is longer, the monitor tries again
    processor* p = *at;
    *at = p->idle_next;
    global.idle_processor_count.fetch_sub(1, std::memory_order_seq_cst);
    if (monitor_rests.load(std::memory_order_seq_cst)) wake_monitor();
    return p;
  }
  return nullptr;
}

void unlink_idle_locked(machine& m) {
  machine** at = &global.idle_machines;
  while (*at != &m) at = &(*at)->idle_next;
  *at = m.idle_next;
  m.is_idle = false;
  if (global.timekeeper == &m) global.timekeeper = nullptr;
}

void hold(machine& m, processor* p) {
  m.p = p;
  p->holder.store(&m, std::memory_order_release);
}

}  // namespace

[[gnu::noinline]] machine* this_machine() noexcept { return machine_of_thread; }

void begin_machine(machine& m) noexcept {
  machine_of_thread = &m;
  m.exceptions = reinterpret_cast<void**>(abi::__cxa_get_globals());
  m.yield_request.store(yield_request_of_thread(), std::memory_order_release);
  m.thread_id.store(::gettid(), std::memory_order_relaxed);
}

void add_processors_locked(int n) {
  for (int id = global.created_processors.load(std::memory_order_relaxed); id < n; ++id) {
    auto* p = new processor;
    p->id = id;
    global.all[id] = p;
    put_idle_processor_locked(p);
    global.created_processors.store(id + 1, std::memory_order_release);
  }
}

// Gives p, which is held by nobody, to an idle machine, or to a new one.
void run_processor(processor* p, bool spinning) {
  machine* m = nullptr;
  {
    const std::lock_guard hold(global.lock);
    m = global.idle_machines;
    if (m != nullptr) unlink_idle_locked(*m);
  }
  if (m == nullptr) {
    start_machine(p, spinning);
    return;
  }
  hold(*m, p);
  m->spinning = spinning;
  wake_machine(*m);
}

void wake_a_machine() {
  // At most one machine searches: a cross-core wake costs more than most goroutines run.
  if (global.idle_processor_count.load(std::memory_order_seq_cst) == 0) return;
  int none = 0;
  if (global.spinning.load(std::memory_order_seq_cst) != 0) return;
  if (!global.spinning.compare_exchange_strong(none, 1, std::memory_order_seq_cst)) return;
  processor* p = nullptr;
  {
    const std::lock_guard hold(global.lock);
    p = take_idle_processor_locked();
  }
  if (p == nullptr) {
    global.spinning.fetch_sub(1, std::memory_order_seq_cst);
    return;
  }
  run_processor(p, true);
}

bool acquire_idle_processor(machine& m) {
  processor* p = nullptr;
  {
    const std::lock_guard hold(global.lock);
    p = take_idle_processor_locked();
  }
  if (p != nullptr) hold(m, p);
  return p != nullptr;
}

void release_processor(machine& m) {
  processor* p = m.p;
  stand_back();
  m.p = nullptr;
  if ((p->has_work() || global.queue_length.load(std::memory_order_relaxed) != 0) && p->id < global.limit.load(std::memory_order_relaxed)) {
    run_processor(p, false);
    return;
  }
  {
    const std::lock_guard hold(global.lock);
    put_idle_processor_locked(p);
  }
  if (anything_to_do()) wake_a_machine();
}

void idle_processor(machine& m) {
  processor* p = m.p;
  stand_back();
  m.p = nullptr;
  const std::lock_guard hold(global.lock);
  put_idle_processor_locked(p);
}

void stop_machine(machine& m) {
  bool keeps_time = true;
  poll_batch news;
  {
    const std::lock_guard hold(global.lock);
    m.idle_next = global.idle_machines;
    global.idle_machines = &m;
    m.is_idle = true;
  }
  for (;;) {
    std::int64_t until = timer_heap::never;
    {
      const std::lock_guard hold(global.lock);
      const std::int64_t deadline = keeps_time && m.is_idle ? next_deadline() : timer_heap::never;
      if (deadline != timer_heap::never && (global.timekeeper == nullptr || global.timekeeper == &m || deadline < global.timekeeper_until)) {
        global.timekeeper = &m;
        global.timekeeper_until = until = deadline;
      }
      if (m.is_idle) check_deadlock_locked();
    }
    const std::int64_t left = until == timer_heap::never ? -1 : std::max<std::int64_t>(until - now_ns(), 0);
    if (news.count == 0 && may_sleep_in_poller()) {
      sleep_in_poller(m, news, left);
    } else if (left < 0 || news.count != 0) {
      while (m.wake.load(std::memory_order_acquire) == 0) futex_wait(m.wake, 0);
    } else if (left > 0) {
      futex_wait(m.wake, 0, left);
    }
    if (m.wake.load(std::memory_order_acquire) != 0) {
      m.wake.store(0, std::memory_order_relaxed);
      RAVEL_CHECK(m.p != nullptr);
      dispatch(news);
      return;
    }
    if (news.count == 0 && (until == timer_heap::never || now_ns() < until)) continue;
    processor* p = nullptr;
    {
      const std::lock_guard hold(global.lock);
      if (!m.is_idle) continue;  // somebody is about to wake it; the news are dispatched then
      p = take_idle_processor_locked();
      if (p != nullptr) {
        unlink_idle_locked(m);
      } else {
        // All processors are busy, so their machines and the monitor see to the timers, and the first that idles keeps the time.
        if (global.timekeeper == &m) global.timekeeper = nullptr;
        keeps_time = false;
      }
    }
    if (p != nullptr) hold(m, p);
    dispatch(news);
    news.count = 0;
    if (p != nullptr) return;
  }
}

void ask_to_yield(processor& p) noexcept {
  // Machines are never deleted, so a holder read late is asked in vain but not in error.
  machine* m = p.holder.load(std::memory_order_acquire);
  if (m == nullptr) return;
  if (auto* request = m->yield_request.load(std::memory_order_acquire)) request->store(1, std::memory_order_relaxed);
}

}  // namespace ravel::sched
