// Goroutines from birth to death, parking and waking.
//
// A goroutine that leaves looks for the next one at hand before its stack is saved and switches straight to it; whoever arrives gives the
// one who left on (`after`): only then may anybody else have it. With nothing at hand the machine's own stack looks further.

#include "runtime/sched/scheduler.hpp"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "runtime/sched/alone.hpp"
#include "runtime/sched/controlled.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/fiber_annotations.hpp"
#include "runtime/sched/goroutine_slots.hpp"
#include "runtime/sched/machine.hpp"
#include "runtime/sched/switching.hpp"

namespace ravel::sched {

void begin(machine& m, goroutine& g) {
  RAVEL_CHECK(g.state.load(std::memory_order_relaxed) == status::runnable);
  g.state.store(status::running, std::memory_order_relaxed);
  // hold_world() makes every thread pass a barrier between its store and its reading of states, so here the order of the program is enough.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (global.world_held.load(std::memory_order_relaxed) != 0) [[unlikely]] wait_for_world(m, g);
  g.on = &m;
  m.running = &g;
}

void free_work(goroutine& g) {
  detail::closure* work = std::exchange(g.work, nullptr);
  work->destroy(work);
  if (std::exchange(g.heap_work, false)) std::free(work);
}

namespace {

// A closure larger than this would push the goroutine's first frames out of the page it shares with them. Under the race detector it lies on
// the heap, whose accesses are forgotten when it is freed; the slot has those of the goroutine before.
constexpr std::size_t most_work_in_slot = 1024;

processor* own_processor() noexcept {
  machine* m = this_machine();
  return m != nullptr ? m->p : nullptr;
}

[[noreturn]] void run(void* machine_that_runs) {
  goroutine& g = *static_cast<machine*>(machine_that_runs)->running;
  arrive(*static_cast<machine*>(machine_that_runs), g);
  // Only goexit is caught. Any other exception finds no handler, so std::terminate is called where it was thrown, with the stack to show.
  try {
    g.work->run(g.work);
  } catch (const goexit_signal&) {
  }
  free_work(g);
  if constexpr (hooks::enabled) hooks::sink().ended(g);
  leave([](machine& m, goroutine& dead) {
    fibers::ended(dead);
    dead.state.store(status::dead, std::memory_order_release);
    count_goroutine(m.p, -1);
    give_back_slot(m.p, dead);
  });
  __builtin_unreachable();
}

// The main thread's machine has no stack of its own to schedule on: goroutine 1 lives on the thread's.
[[noreturn]] void main_machine_loop(void* argument) {
  machine& m = *static_cast<machine*>(argument);
  fibers::arrived_at_scheduler(m);
  m.after(m, *m.left);
  schedule(m);
}

int initial_processors() {
  if (const char* text = std::getenv("RAVEL_MAXPROCS"); text != nullptr && *text != '\0') {
    char* end = nullptr;
    const long n = std::strtol(text, &end, 10);
    if (*end != '\0' || n < 1 || n > most_processors) {
      end_with_usage_error("ravel: RAVEL_MAXPROCS must be a number from 1 to 1024, not '", text, "'");
    }
    return static_cast<int>(n);
  }
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  const int n = CPU_COUNT(&set);
  return n < most_processors ? n : most_processors;
}

void make_runnable(goroutine& g, void (*put)(machine&, goroutine*)) {
  g.state.store(status::runnable, std::memory_order_release);
  machine* m = this_machine();
  if (m != nullptr && m->p != nullptr) {
    put(*m, &g);
    return;
  }
  put_global(&g);
  wake_a_machine();
}

}  // namespace

std::uint64_t take_id(processor* p) noexcept {
  constexpr std::uint64_t block = 16;
  if (p == nullptr) return global.next_id.fetch_add(1, std::memory_order_relaxed);
  if (p->next_id == p->end_id) {
    p->next_id = global.next_id.fetch_add(block, std::memory_order_relaxed);
    p->end_id = p->next_id + block;
  }
  return p->next_id++;
}

void count_goroutine(processor* p, int change) noexcept {
  if (p == nullptr) global.other_goroutines.fetch_add(change, std::memory_order_relaxed);
  else p->goroutines.store(p->goroutines.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

int count_goroutines() noexcept {
  std::int64_t n = global.other_goroutines.load(std::memory_order_relaxed);
  for (int i = 0; i < global.created_processors.load(std::memory_order_acquire); ++i) {
    n += global.all[i]->goroutines.load(std::memory_order_relaxed);
  }
  return static_cast<int>(n);
}

void start_scheduler() {
  static std::atomic<int> started{0};  // 0 no, 1 starting, 2 yes
  if (started.load(std::memory_order_acquire) == 2) return;
  int no = 0;
  if (!started.compare_exchange_strong(no, 1, std::memory_order_acq_rel)) {
    while (started.load(std::memory_order_acquire) != 2) ::sched_yield();
    return;
  }
  const int n = initial_processors();
  {
    const std::lock_guard hold(global.lock);
    global.chosen_limit = n;
    global.limit.store(n, std::memory_order_relaxed);
    add_processors_locked(n);
  }
  prepare_to_be_alone();
  install_signal_handlers();
  started.store(2, std::memory_order_release);
}

void become_runnable(goroutine& g) {
  if constexpr (hooks::enabled) hooks::sink().suspended(g);
  g.state.store(status::runnable, std::memory_order_release);
}

goroutine& main_goroutine() noexcept {
  static goroutine one;
  return one;
}

goroutine& adopt_main_thread() {
  start_scheduler();
  static machine main_machine;
  machine& m = main_machine;
  m.random = 0x1234567;
  begin_machine(m);
  acquire_idle_processor(m);
  const goroutine* stack = take_slot(nullptr, 64 << 10);
  m.scheduler = make_context(stack->stack_high, stack->stack_low, main_machine_loop);
  fibers::born_scheduler(m, *stack);
  goroutine& g = main_goroutine();
  g.id = 1;
  count_goroutine(nullptr, 1);
  g.state.store(status::running, std::memory_order_relaxed);
  g.on = &m;
  m.running = &g;
  fibers::adopted(g);
  if constexpr (hooks::enabled) {
    hooks::sink().created(nullptr, g);
    hooks::sink().resumed(g);
  }
  return g;
}

goroutine* current_if_any() noexcept {
  if (machine* m = this_machine()) return m->running;
  return this_foreign();
}

goroutine& current() {
  if (goroutine* g = current_if_any()) [[likely]] return *g;
  RAVEL_CHECK(this_machine() == nullptr);  // the scheduler itself is no goroutine
  if (::getpid() == ::gettid() && !global.main_adopted.exchange(true, std::memory_order_seq_cst)) return adopt_main_thread();
  return adopt_foreign_thread();
}

// Leaves the current goroutine for the next; returns when somebody runs it again, perhaps on another thread.
RAVEL_UNINSTRUMENTED void leave(void (*after)(machine&, goroutine&), void (*unlock)(void*), void* argument) {
  machine* m = this_machine();
  goroutine* g = m->running;
  if (unguarded_stacks.load(std::memory_order_relaxed) && g->has_slot() && !stack_is_whole(*g)) [[unlikely]] {
    fatal("stack overflow: a goroutine needs a larger go_options::stack_size");
  }
  m->left = g;
  m->after = after;
  m->unlock = unlock;
  m->unlock_argument = argument;
  g->exception_state[0] = m->exceptions[0];
  g->exception_state[1] = m->exceptions[1];
  context to = m->scheduler;
  if (goroutine* next = take_at_hand(*m)) {
    begin(*m, *next);
    to = next->saved;
    fibers::leaving(*g, *next);
  } else {
    m->running = nullptr;
    fibers::leaving_for_scheduler(*g, *m);
  }
  m = static_cast<machine*>(switch_context(&g->saved, to, m));
  arrive(*m, *g);
}

// The same for one that is chosen already.
RAVEL_UNINSTRUMENTED void leave_for(goroutine& next, void (*after)(machine&, goroutine&)) {
  machine* m = this_machine();
  goroutine* g = m->running;
  m->left = g;
  m->after = after;
  g->exception_state[0] = m->exceptions[0];
  g->exception_state[1] = m->exceptions[1];
  begin(*m, next);
  fibers::leaving(*g, next);
  m = static_cast<machine*>(switch_context(&g->saved, next.saved, m));
  arrive(*m, *g);
}

[[noreturn]] RAVEL_UNINSTRUMENTED void schedule(machine& m) {
  fibers::started_scheduler(m);
  for (;;) {
    goroutine* g = find_runnable(m);
    begin(m, *g);
    m.after = [](machine&, goroutine&) {};  // who left last was given on here already
    m.left = g;
    fibers::leaving_scheduler(m, *g);
    switch_context(&m.scheduler, g->saved, &m);
    fibers::arrived_at_scheduler(m);
    m.after(m, *m.left);
  }
}

void park(void (*unlock)(void*), void* argument, hooks::wait_reason reason, const void* object) {
  goroutine& g = current();
  if (!g.foreign) end_blocking();  // inside blocking(): what parks goes on with a processor
  g.waiting_for = reason;
  g.waits_on = object;
  if (is_controlled(g)) {
    park_controlled(g, unlock, argument);
  } else if (g.foreign) {
    park_foreign(g, unlock, argument);
  } else {
    leave(
        [](machine& m, goroutine& parked) {
          if constexpr (hooks::enabled) hooks::sink().suspended(parked);
          parked.state.store(status::waiting, std::memory_order_release);
          void* const what = m.unlock_argument;
          if constexpr (hooks::enabled) m.unlock_argument = nullptr;  // the checks look for who still has the object
          if (m.unlock != nullptr) m.unlock(what);
        },
        unlock, argument);
  }
  g.waiting_for = hooks::wait_reason::none;
  g.waits_on = nullptr;
}

void ready(goroutine& g) {
  if (is_controlled(g)) {
    ready_controlled(g);
    return;
  }
  if (g.foreign) {
    ready_foreign(g);
    return;
  }
  RAVEL_CHECK(g.state.load(std::memory_order_relaxed) == status::waiting);
  make_runnable(g, put_next);
}

void ready_last(goroutine& g) {
  if (is_controlled(g)) {
    ready_controlled(g);
    return;
  }
  if (g.foreign) {
    ready_foreign(g);
    return;
  }
  RAVEL_CHECK(g.state.load(std::memory_order_relaxed) == status::waiting);
  make_runnable(g, put_last);
}

// Between new_goroutine and begin_goroutine or drop_goroutine the goroutine is its creator's alone, who may even park.
goroutine& new_goroutine(const go_options& options) {
  start_monitor();
  goroutine* g = take_controlled_slot(options.stack_size);
  if (g == nullptr) g = take_slot(own_processor(), options.stack_size);
  g->name = options.name;
  g->stack_high = reinterpret_cast<std::uintptr_t>(g);
  g->state.store(status::created, std::memory_order_relaxed);
  return *g;
}

void drop_goroutine(goroutine& g) noexcept {
  if (std::exchange(g.heap_work, false)) std::free(g.work);
  g.work = nullptr;
  g.state.store(status::dead, std::memory_order_release);
  give_back_slot(own_processor(), g);
}

void begin_goroutine(goroutine& g, detail::closure* work, [[maybe_unused]] goroutine* parent) {
  processor* p = own_processor();
  g.work = work;
  g.id = take_id(p);
  g.waiting_for = hooks::wait_reason::none;
  g.waits_on = nullptr;
  g.thread_locks = 0;
  g.yield_when_none = false;
  g.exception_state[0] = g.exception_state[1] = nullptr;
  const bool controls = hooks::maybe_controlled() && on_controlled_machine();
  g.saved = make_context(g.stack_high, g.stack_low, controls ? run_controlled_goroutine : run);
  count_goroutine(p, 1);
  fibers::born(g);
  if (controls) begin_controlled(g, parent);
  if constexpr (hooks::enabled) hooks::sink().created(parent, g);
  // Not next: one that makes another and waits for it, for ever, would leave no turn to the rest of the queue where there are no safepoints.
  if (!controls) make_runnable(g, put_last);
}

void spawn(const go_options& options, detail::closure* work, goroutine* parent) {
  goroutine* g = nullptr;
  try {
    g = &new_goroutine(options);
  } catch (...) {
    work->destroy(work);
    throw;
  }
  begin_goroutine(*g, work, parent);
}

void* place_for_work(goroutine& g, std::size_t size, std::size_t alignment) {
  const std::uintptr_t place = (g.stack_high - size) & ~(std::uintptr_t{alignment < 16 ? 16 : alignment} - 1);
  if (g.stack_high - place <= most_work_in_slot && !hooks::enabled) {
    g.stack_high = place;
    return reinterpret_cast<void*>(place);
  }
  alignment = std::max(alignment, std::size_t{16});
  void* p = std::aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1));
  if (p == nullptr) throw std::bad_alloc();
  g.heap_work = true;
  g.work = static_cast<detail::closure*>(p);
  return p;
}

void yield_now() {
  if (hooks::maybe_controlled()) {
    if (goroutine* g = controlled_goroutine_here()) {
      yield_controlled(*g);
      return;
    }
  }
  if (current().foreign) {
    ::sched_yield();
    return;
  }
  machine& m = *this_machine();
  if (m.p == nullptr) {  // in blocking(): the thread is not in anybody's way
    ::sched_yield();
    return;
  }
  processor& p = *m.p;
  const bool nobody_waits = !p.has_work() && !news_may_wait() && global.queue_length.load(std::memory_order_relaxed) == 0 &&
                            m.yield_request.load(std::memory_order_relaxed)->load(std::memory_order_relaxed) == 0;
  if (nobody_waits) {
    const std::int64_t deadline = next_deadline();
    if (deadline == timer_heap::never || deadline > now_ns()) {
      __builtin_ia32_pause();
      return;
    }
    m.yield_request.load(std::memory_order_relaxed)->store(1, std::memory_order_relaxed);
  }
  leave([](machine& mine, goroutine& g) {
    become_runnable(g);
    put_last(mine, &g);
  });
}

void give_way() {
  machine& m = *this_machine();
  if (!m.p->has_work() && global.queue_length.load(std::memory_order_relaxed) == 0 && m.p->id < global.limit.load(std::memory_order_relaxed) &&
      next_deadline() > now_ns() && !news_may_wait()) {
    ask_again();
    return;
  }
  m.yield_request.load(std::memory_order_relaxed)->store(1, std::memory_order_relaxed);  // the scheduler looks around, timers first
  leave([](machine&, goroutine& g) {
    become_runnable(g);
    put_global(&g);
  });
}

void exit_goroutine() {
  goroutine& g = current();
  if (!is_controlled(g) && (g.id == 1 || g.foreign)) {
    // Goroutine 1 has no frame of ours below main to unwind to; its destructors run when the process ends. It never runs again.
    global.main_exited = true;
    park(nullptr, nullptr, hooks::wait_reason::none, nullptr);
  }
  throw goexit_signal{};
}

bool goexit_in_flight() noexcept {
  const std::type_info* caught = abi::__cxa_current_exception_type();
  return caught != nullptr && *caught == typeid(goexit_signal);
}

int processors() noexcept {
  start_scheduler();
  const std::lock_guard hold(global.lock);
  return global.chosen_limit;
}

int set_processors(int n) {
  start_scheduler();
  if (n > most_processors) n = most_processors;
  int before = 0;
  {
    const std::lock_guard hold(global.lock);
    before = std::exchange(global.chosen_limit, n);
    const int limit = std::min(n + extra_processors_locked(), most_processors);
    const int limit_before = global.limit.exchange(limit, std::memory_order_relaxed);
    add_processors_locked(limit);
    for (int i = limit; i < limit_before; ++i) ask_to_yield(*global.all[i]);
  }
  wake_a_machine();
  return before;
}

std::uint32_t choose_index(std::uint32_t n) {
  if (hooks::maybe_controlled() && n > 1 && controlled_goroutine_here() != nullptr && !controlled.unwinding) return controlled.policy->choose(n);
  static thread_local std::uint64_t s = 0;
  if (s == 0) s = reinterpret_cast<std::uintptr_t>(&s) ^ static_cast<std::uint64_t>(__builtin_ia32_rdtsc());
  std::uint64_t z = (s += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return static_cast<std::uint32_t>(((z ^ (z >> 31)) >> 32) * n >> 32);
}

}  // namespace ravel::sched
