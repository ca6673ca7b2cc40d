// Machines: the scheduling loop, finding work, sleeping without it.

#include "runtime/sched/machine.hpp"

#include <unistd.h>

#include <system_error>

namespace ravel::sched {

constinit global_state global{};

namespace {

thread_local constinit machine* machine_of_thread = nullptr;

std::uint64_t next_random(std::uint64_t& s) {  // splitmix64
  std::uint64_t z = (s += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

goroutine* take_global_locked(machine& m) {
  goroutine* g = global.queue_first;
  if (g == nullptr) return nullptr;
  // A fair share comes along, so that the lock is not taken for each.
  int share = global.queue_length.load(std::memory_order_relaxed) / global.limit.load(std::memory_order_relaxed);
  if (share > static_cast<int>(run_queue::capacity / 2)) share = run_queue::capacity / 2;
  int taken = 1;
  goroutine* rest = g->next;
  for (; taken < share && rest != nullptr; ++taken) {
    goroutine* more = rest->next;
    if (!m.p->queue.push(rest)) break;
    rest = more;
  }
  global.queue_first = rest;
  if (rest == nullptr) global.queue_last = nullptr;
  global.queue_length.fetch_sub(taken, std::memory_order_relaxed);
  return g;
}

goroutine* take_global(machine& m) {
  if (global.queue_length.load(std::memory_order_relaxed) == 0) return nullptr;
  const std::lock_guard hold(global.lock);
  return take_global_locked(m);
}

goroutine* take_local(machine& m) {
  if (m.p->next.load(std::memory_order_relaxed) != nullptr) {
    if (goroutine* g = m.p->next.exchange(nullptr, std::memory_order_acq_rel)) return g;
  }
  return m.p->queue.pop();
}

goroutine* steal(machine& m) {
  const int n = global.created_processors;
  for (int round = 0; round < 4; ++round) {
    const int first = static_cast<int>(next_random(m.random) % static_cast<std::uint64_t>(n));
    for (int i = 0; i < n; ++i) {
      processor* victim = global.all[(first + i) % n];
      if (victim == m.p) continue;
      if (goroutine* g = m.p->queue.steal_half(victim->queue)) return g;
      // The next slot last: its goroutine is about to run where its data is warm.
      if (round == 3 && victim->next.load(std::memory_order_relaxed) != nullptr) {
        if (goroutine* g = victim->next.exchange(nullptr, std::memory_order_acq_rel)) return g;
      }
    }
  }
  return nullptr;
}

bool anything_to_do() {
  if (global.queue_length.load(std::memory_order_acquire) != 0) return true;
  for (int i = 0; i < global.created_processors; ++i) {
    if (global.all[i]->has_work()) return true;
  }
  return false;
}

void stop_spinning(machine& m) {
  if (!m.spinning) return;
  m.spinning = false;
  // The last searcher that found something sends the next: more may have come while nobody looked.
  if (global.spinning.fetch_sub(1, std::memory_order_seq_cst) == 1) wake_a_machine();
}

void* machine_thread(void* argument) {
  auto& m = *static_cast<machine*>(argument);
  machine_of_thread = &m;
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
  const int error = ::pthread_create(&thread, &attributes, machine_thread, m);
  ::pthread_attr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "ravel: cannot start an OS thread");
}

// Gives p to an idle machine, or to a new one.
void run_processor(processor* p, bool spinning) {
  machine* m = nullptr;
  {
    const std::lock_guard hold(global.lock);
    m = global.idle_machines;
    if (m != nullptr) global.idle_machines = m->idle_next;
  }
  if (m == nullptr) {
    start_machine(p, spinning);
    return;
  }
  m->p = p;
  m->spinning = spinning;
  m->wake.store(1, std::memory_order_release);
  futex_wake(m->wake);
}

void put_idle_processor_locked(processor* p) {
  p->idle_next = global.idle_processors;
  global.idle_processors = p;
  global.idle_processor_count.fetch_add(1, std::memory_order_seq_cst);
}

processor* take_idle_processor_locked() {
  const int limit = global.limit.load(std::memory_order_relaxed);
  for (processor** at = &global.idle_processors; *at != nullptr; at = &(*at)->idle_next) {
    if ((*at)->id >= limit) continue;
    processor* p = *at;
    *at = p->idle_next;
    global.idle_processor_count.fetch_sub(1, std::memory_order_seq_cst);
    return p;
  }
  return nullptr;
}

}  // namespace

[[gnu::noinline]] machine* this_machine() noexcept { return machine_of_thread; }
[[gnu::noinline]] void set_this_machine(machine* m) noexcept { machine_of_thread = m; }

void put_global(goroutine* g) {
  const std::lock_guard hold(global.lock);
  g->next = nullptr;
  (global.queue_last != nullptr ? global.queue_last->next : global.queue_first) = g;
  global.queue_last = g;
  global.queue_length.fetch_add(1, std::memory_order_release);
}

void wake_a_machine() {
  // At most one machine searches: a cross-core wake costs more than most goroutines run.
  if (global.idle_processor_count.load(std::memory_order_seq_cst) == 0) return;
  int none = 0;
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
  const std::lock_guard hold(global.lock);
  m.p = take_idle_processor_locked();
  return m.p != nullptr;
}

void release_processor(machine& m) {
  processor* p = m.p;
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

void stop_machine(machine& m) {
  {
    const std::lock_guard hold(global.lock);
    m.idle_next = global.idle_machines;
    global.idle_machines = &m;
    check_deadlock_locked();
  }
  while (m.wake.load(std::memory_order_acquire) == 0) futex_wait(m.wake, 0);
  m.wake.store(0, std::memory_order_relaxed);
  RAVEL_CHECK(m.p != nullptr);
}

goroutine* find_runnable(machine& m) {
  for (;;) {
    if (m.p->id >= global.limit.load(std::memory_order_relaxed)) {  // gomaxprocs was lowered: this processor retires
      while (goroutine* g = take_local(m)) put_global(g);
      if (m.spinning) {
        m.spinning = false;
        global.spinning.fetch_sub(1, std::memory_order_seq_cst);
      }
      release_processor(m);
      wake_a_machine();
      stop_machine(m);
      continue;
    }
    if (++m.p->tick % 61 == 0) {  // so that two goroutines that hand to each other do not starve the global queue
      if (goroutine* g = take_global(m)) return g;
    }
    if (goroutine* g = take_local(m)) return g;
    if (goroutine* g = take_global(m)) return g;
    if (!m.spinning) {
      m.spinning = true;
      global.spinning.fetch_add(1, std::memory_order_seq_cst);
    }
    if (goroutine* g = steal(m)) return g;

    processor* p = m.p;
    {
      const std::lock_guard hold(global.lock);
      if (goroutine* g = take_global_locked(m)) return g;
      m.p = nullptr;
      put_idle_processor_locked(p);
    }
    m.spinning = false;
    global.spinning.fetch_sub(1, std::memory_order_seq_cst);
    // Work may have come between the search and the moment the processor counted as idle; whoever brought it saw a searcher.
    if (anything_to_do() && acquire_idle_processor(m)) continue;
    stop_machine(m);
  }
}

[[noreturn]] void schedule(machine& m) {
  for (;;) {
    goroutine* g = find_runnable(m);
    stop_spinning(m);
    const status before = g->state.exchange(status::running, std::memory_order_acq_rel);
    RAVEL_CHECK(before == status::runnable);
    g->on = &m;
    m.running = g;
    if constexpr (hooks::enabled) hooks::sink().resumed(*g);
    const auto back = boost::context::detail::jump_fcontext(g->context, &m);
    g = m.running;
    g->context = back.fctx;
    m.running = nullptr;
    g->on = nullptr;
    m.after(m, *g);
  }
}

}  // namespace ravel::sched
