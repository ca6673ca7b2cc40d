// Where the next goroutine comes from: this processor's next slot and queue, the global queue, another processor's, the poller; else the
// machine sleeps.

#include <algorithm>

#include "runtime/sched/alone.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

constexpr std::int64_t left_alone = 5'000;       // ns in `next` until others may take it
constexpr std::int64_t looks_on = 10'000;        // ns
constexpr std::uint32_t look_around_every = 61;  // switches, so that goroutines that hand to each other starve neither queue nor timers

std::uint64_t next_random(std::uint64_t& s) {  // splitmix64
  std::uint64_t z = (s += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

void begin_slice(processor& p) { processor::count(p.slices); }

void put_global_locked(goroutine* const* list, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) global.queue.push(list[i]);
  global.queue_length.store(static_cast<int>(global.queue.size()), std::memory_order_release);
}

goroutine* take_global_locked(machine& m) {
  if (global.queue.empty()) return nullptr;
  // A fair share comes along, so that the lock is not taken for each.
  const std::size_t fair = global.queue.size() / static_cast<std::size_t>(global.limit.load(std::memory_order_relaxed));
  const std::size_t share = std::min<std::size_t>({fair, run_queue::capacity / 2, run_queue::capacity - m.p->queue.size()});
  goroutine* g = global.queue.pop();
  for (std::size_t taken = 1; taken < share; ++taken) m.p->queue.push(global.queue.pop());
  global.queue_length.store(static_cast<int>(global.queue.size()), std::memory_order_release);
  return g;
}

goroutine* take_global(machine& m) {
  if (global.queue_length.load(std::memory_order_relaxed) == 0) return nullptr;
  const std::lock_guard hold(global.lock);
  return take_global_locked(m);
}

goroutine* take_next(processor& p) {
  if (p.next.load(std::memory_order_relaxed) == nullptr) return nullptr;
  return detail::put_in(p.next, nullptr, std::memory_order_acq_rel);
}

// The goroutine in `next` is about to run where its data is warm: it is only taken from a processor that leaves it there for some time.
goroutine* steal_next(processor& victim) {
  goroutine* g = next_is_left_alone(victim, left_alone);
  return g != nullptr && victim.next.compare_exchange_strong(g, nullptr, std::memory_order_acq_rel) ? g : nullptr;
}

goroutine* steal(machine& m) {
  const int n = global.created_processors.load(std::memory_order_acquire);
  for (int round = 0; round < 4; ++round) {
    const int first = static_cast<int>(next_random(m.random) % static_cast<std::uint64_t>(n));
    for (int i = 0; i < n; ++i) {
      processor* victim = global.all[(first + i) % n];
      if (victim == m.p) continue;
      if (goroutine* g = m.p->queue.steal_half(victim->queue)) return g;
      if (round == 3) {
        if (goroutine* g = steal_next(*victim)) return g;
      }
    }
  }
  return nullptr;
}

// A machine that has just worked looks on for some microseconds before it sleeps: where one processor makes work that another takes, it would
// else be woken for every few goroutines, at a microsecond or more for the one who wakes.
goroutine* wait_for_backlog(machine& m) {
  const std::int64_t until = now_ns() + looks_on;
  do {
    for (int k = 0; k < 20; ++k) __builtin_ia32_pause();
    if (!backlog_anywhere()) continue;
    if (goroutine* g = take_global(m)) return g;
    if (goroutine* g = steal(m)) return g;
  } while (now_ns() < until);
  return nullptr;
}

void run_due_timers(processor& own, bool all) {
  const int n = all ? global.created_processors.load(std::memory_order_acquire) : 0;
  std::int64_t next = own.timers.next();
  for (int i = 0; i < n; ++i) next = std::min(next, global.all[i]->timers.next());
  if (next == timer_heap::never) return;
  const std::int64_t now = now_ns();
  if (next > now) return;
  own.timers.run_due(now);
  for (int i = 0; i < n; ++i) global.all[i]->timers.run_due(now);
}

void stop_spinning(machine& m) {
  if (!m.spinning) return;
  m.spinning = false;
  // The last searcher that found something sends the next: more may have come while nobody looked.
  if (global.spinning.fetch_sub(1, std::memory_order_seq_cst) == 1 && backlog_anywhere()) wake_a_machine();
}

// gomaxprocs was lowered: this processor retires.
void retire(machine& m) {
  while (goroutine* g = take_next(*m.p)) put_global(g);
  while (goroutine* g = m.p->queue.pop()) put_global(g);
  if (m.spinning) {
    m.spinning = false;
    global.spinning.fetch_sub(1, std::memory_order_seq_cst);
  }
  release_processor(m);
  wake_a_machine();
}

// Two wait here: one will be run by this machine soon, another machine should come for the other.
void call_for_help() {
  if (global.idle_processor_count.load(std::memory_order_seq_cst) != 0) wake_a_machine();
}

bool somebody_could_help() {
  return global.idle_processor_count.load(std::memory_order_seq_cst) != 0 || global.spinning.load(std::memory_order_relaxed) != 0;
}

}  // namespace

void put_global(goroutine* g) {
  const std::lock_guard hold(global.lock);
  put_global_locked(&g, 1);
}

void put_last(machine& m, goroutine* g) {
  processor& p = *m.p;
  if (!p.queue.push(g)) {
    // Half goes along: the next pushes find room.
    goroutine* moved[run_queue::capacity / 2 + 1];
    std::size_t n = p.queue.pop_many(moved, run_queue::capacity / 2);
    moved[n++] = g;
    const std::lock_guard hold(global.lock);
    put_global_locked(moved, n);
  }
  if (p.queue.size() + (p.next.load(std::memory_order_relaxed) != nullptr) >= 2) call_for_help();
}

void put_next(machine& m, goroutine* g) {
  processor& p = *m.p;
  if (const int eager = p.eager.load(std::memory_order_relaxed); eager > 0 && somebody_could_help()) {
    p.eager.store(eager - 1, std::memory_order_relaxed);
    if (p.queue.push(g)) {
      wake_a_machine();
      return;
    }
  }
  if (goroutine* displaced = detail::put_in(p.next, g, std::memory_order_acq_rel)) put_last(m, displaced);
  else if (!p.queue.empty()) call_for_help();
}

// By the clock: a pause takes 9 ns on one machine and 54 on another, and two that hand a full buffer to each other need microseconds a turn.
goroutine* next_is_left_alone(const processor& p, std::int64_t nanoseconds) {
  goroutine* g = p.next.load(std::memory_order_relaxed);
  if (g == nullptr) return nullptr;
  const std::uint32_t slice = p.slices.load(std::memory_order_relaxed), tick = p.tick.load(std::memory_order_relaxed);
  const std::int64_t until = now_ns() + nanoseconds;
  do {
    for (int i = 0; i < 20; ++i) __builtin_ia32_pause();
    if (p.next.load(std::memory_order_relaxed) != g || p.slices.load(std::memory_order_relaxed) != slice ||
        p.tick.load(std::memory_order_relaxed) != tick) {
      return nullptr;
    }
  } while (now_ns() < until);
  return g;
}

bool anything_to_do() {
  if (global.queue_length.load(std::memory_order_acquire) != 0) return true;
  const int n = global.created_processors.load(std::memory_order_acquire);
  for (int i = 0; i < n; ++i) {
    if (global.all[i]->has_work()) return true;
  }
  return false;
}

bool backlog_anywhere() {
  if (global.queue_length.load(std::memory_order_acquire) != 0) return true;
  const int n = global.created_processors.load(std::memory_order_acquire);
  for (int i = 0; i < n; ++i) {
    if (!global.all[i]->queue.empty()) return true;
  }
  return false;
}

std::int64_t next_deadline() {
  std::int64_t next = timer_heap::never;
  const int n = global.created_processors.load(std::memory_order_acquire);
  for (int i = 0; i < n; ++i) next = std::min(next, global.all[i]->timers.next());
  return next;
}

goroutine* take_at_hand(machine& m) {
  if (m.p == nullptr) return nullptr;
  processor& p = *m.p;
  if (processor::count(p.tick) % look_around_every == 0 || m.yield_request.load(std::memory_order_relaxed)->load(std::memory_order_relaxed) != 0) return nullptr;
  if (global.world_held.load(std::memory_order_relaxed) != 0) [[unlikely]] return nullptr;  // who leaves must give its lock back before the wait
  if (goroutine* g = take_next(p)) return g;
  goroutine* g = p.queue.pop();
  if (g != nullptr) begin_slice(p);
  return g;
}

goroutine* find_runnable(machine& m) {
  for (;;) {
    if (m.p == nullptr && !acquire_idle_processor(m)) stop_machine(m);
    processor& p = *m.p;
    if (p.id >= global.limit.load(std::memory_order_relaxed)) {
      retire(m);
      continue;
    }
    ask_again();
    const bool asked = m.yield_request.load(std::memory_order_relaxed)->exchange(0, std::memory_order_relaxed) != 0;
    run_due_timers(p, false);
    if (asked || p.tick % look_around_every == 0) poll_now();  // a machine that is never idle must look now and then
    begin_slice(p);
    goroutine* g = nullptr;
    if (asked) {
      // Two that hand to each other through `next` share one slice; it is over, so the others come first, and what was next comes after them.
      if (goroutine* next = take_next(p); next != nullptr && !p.queue.push(next)) put_global(next);
    }
    // Global and local by turns: neither may starve the other when every slice is a long one.
    const bool global_first = asked ? p.slices.load(std::memory_order_relaxed) % 2 == 0 : p.tick.load(std::memory_order_relaxed) % look_around_every == 0;
    if (global_first) g = take_global(m);
    if (g == nullptr) g = take_next(p);
    if (g == nullptr) g = p.queue.pop();
    if (g == nullptr) g = take_global(m);
    if (g == nullptr) {
      if (!m.spinning) {
        m.spinning = true;
        global.spinning.fetch_add(1, std::memory_order_seq_cst);
      }
      g = steal(m);
    }
    if (g == nullptr) {
      poll_now();
      g = take_next(p);
      if (g == nullptr) g = p.queue.pop();
    }
    // What descriptors bring comes in batches, and the next one is not here yet: who looked on would keep the processor from the very peers that
    // are to send it (measured with wrk on two shared processors: a sixth of the server's time).
    if (g == nullptr && m.has_worked && global.limit.load(std::memory_order_relaxed) > 1 && !is_fed_by_poller()) g = wait_for_backlog(m);
    if (g == nullptr) {
      run_due_timers(p, true);
      g = take_next(p);
      if (g == nullptr) g = p.queue.pop();
    }
    if (g != nullptr) {
      stop_spinning(m);
      m.has_worked = true;
      return g;
    }

    m.has_worked = false;
    idle_processor(m);
    m.spinning = false;
    global.spinning.fetch_sub(1, std::memory_order_seq_cst);
    // Work may have come between the search and the moment the processor counted as idle; whoever brought it saw a searcher.
    if (anything_to_do() && acquire_idle_processor(m)) continue;
    stop_machine(m);
  }
}

}  // namespace ravel::sched
