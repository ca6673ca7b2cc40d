// Goroutines from birth to death, parking and waking.

#include "runtime/sched/scheduler.hpp"

#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <cxxabi.h>
#include <utility>

#include "runtime/sched/fatal.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

// Unwinds a goroutine to its first frame. Thrown by goexit, caught by run alone; not an std::exception on purpose.
struct goexit_signal {};

thread_local constinit goroutine* foreign_goroutine = nullptr;
[[gnu::noinline]] goroutine* this_foreign() noexcept { return foreign_goroutine; }

// Ends a foreign thread's goroutine when the thread ends.
struct foreign_owner {
  ~foreign_owner() {
    goroutine* g = foreign_goroutine;
    if (g == nullptr) return;
    foreign_goroutine = nullptr;
    if constexpr (hooks::enabled) hooks::sink().ended(*g);
    forget_goroutine(g);
    global.foreign_running.fetch_sub(1, std::memory_order_seq_cst);
    {  // This thread may have been the last that could wake anybody; it still counts as known.
      const std::lock_guard hold(global.lock);
      check_deadlock_locked();
    }
    global.known_threads.fetch_sub(1, std::memory_order_seq_cst);
  }
};

// libstdc++'s caught and uncaught exceptions are per thread; a goroutine takes its own along. Never inlined: __cxa_get_globals is
// declared const, so a function that both saves and restores would use the old thread's.
[[gnu::noinline]] void save_exception_state(goroutine& g) noexcept {
  auto* globals = reinterpret_cast<void**>(abi::__cxa_get_globals());
  g.exception_state[0] = std::exchange(globals[0], nullptr);
  g.exception_state[1] = std::exchange(globals[1], nullptr);
}
[[gnu::noinline]] void restore_exception_state(goroutine& g) noexcept {
  auto* globals = reinterpret_cast<void**>(abi::__cxa_get_globals());
  globals[0] = g.exception_state[0];
  globals[1] = g.exception_state[1];
}

[[noreturn]] void run(transfer_t from) {
  this_machine()->scheduler_context = from.fctx;
  goroutine* g = this_machine()->running;
  detail::closure* work = g->work;
  // Only goexit is caught. Any other exception finds no handler, so std::terminate is called where it was thrown, with the stack to show.
  try {
    work->run(work);
  } catch (const goexit_signal&) {
  }
  work->destroy(work);
  if constexpr (hooks::enabled) hooks::sink().ended(*g);
  leave([](machine&, goroutine& dead) {
    dead.state.store(status::dead, std::memory_order_relaxed);
    free_stack(dead.stack);
    forget_goroutine(&dead);
  });
  __builtin_unreachable();
}

// The main thread's machine has no stack of its own to schedule on: goroutine 1 lives on the thread's.
[[noreturn]] void main_machine_loop(transfer_t from) {
  machine& m = *static_cast<machine*>(from.data);
  goroutine* g = m.running;
  g->context = from.fctx;
  m.running = nullptr;
  g->on = nullptr;
  m.after(m, *g);
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

void add_processors_locked(int n) {
  for (; global.created_processors < n; ++global.created_processors) {
    auto* p = new processor;
    p->id = global.created_processors;
    global.all[p->id] = p;
    p->idle_next = global.idle_processors;
    global.idle_processors = p;
    global.idle_processor_count.fetch_add(1, std::memory_order_seq_cst);
  }
}

void put_local(machine& m, goroutine* g) {
  goroutine* displaced = m.p->next.exchange(g, std::memory_order_acq_rel);
  if (displaced == nullptr) return;
  if (!m.p->queue.push(displaced)) put_global(displaced);
}

goroutine& adopt_foreign_thread() {
  start_scheduler();
  static thread_local foreign_owner owner;
  (void)owner;
  goroutine* g = new_goroutine();
  g->foreign = true;
  g->state.store(status::running, std::memory_order_relaxed);
  // In this order: a thread that is known and not running could wake nobody.
  global.foreign_running.fetch_add(1, std::memory_order_seq_cst);
  global.known_threads.fetch_add(1, std::memory_order_seq_cst);
  foreign_goroutine = g;
  if constexpr (hooks::enabled) {
    hooks::sink().created(nullptr, *g);
    hooks::sink().resumed(*g);
  }
  return *g;
}

void park_foreign(goroutine& g, void (*unlock)(void*), void* argument) {
  g.state.store(status::waiting, std::memory_order_release);
  if constexpr (hooks::enabled) hooks::sink().suspended(g);
  global.foreign_running.fetch_sub(1, std::memory_order_seq_cst);
  if (unlock != nullptr) unlock(argument);
  {
    const std::lock_guard hold(global.lock);
    check_deadlock_locked();
  }
  while (g.foreign_wake.load(std::memory_order_acquire) == 0) futex_wait(g.foreign_wake, 0);
  g.foreign_wake.store(0, std::memory_order_relaxed);
  g.state.store(status::running, std::memory_order_relaxed);
  if constexpr (hooks::enabled) hooks::sink().resumed(g);
}

}  // namespace

goroutine* new_goroutine() {
  auto* g = new goroutine;
  g->id = global.next_id.fetch_add(1, std::memory_order_relaxed);
  global.goroutines.fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard hold(global.all_lock);
  g->all_next = global.all_goroutines;
  if (g->all_next != nullptr) g->all_next->all_previous = g;
  global.all_goroutines = g;
  return g;
}

void forget_goroutine(goroutine* g) {
  {
    const std::lock_guard hold(global.all_lock);
    (g->all_previous != nullptr ? g->all_previous->all_next : global.all_goroutines) = g->all_next;
    if (g->all_next != nullptr) g->all_next->all_previous = g->all_previous;
  }
  global.goroutines.fetch_sub(1, std::memory_order_relaxed);
  delete g;
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
    global.limit.store(n, std::memory_order_relaxed);
    add_processors_locked(n);
  }
  install_fault_handler();
  started.store(2, std::memory_order_release);
}

goroutine& adopt_main_thread() {
  start_scheduler();
  static machine main_machine;
  main_machine.random = 0x1234567;
  acquire_idle_processor(main_machine);
  const stack_slot s = allocate_stack(64 << 10);
  main_machine.scheduler_context = make_fcontext(reinterpret_cast<void*>(s.high), s.high - s.low, main_machine_loop);
  goroutine* g = new_goroutine();
  RAVEL_CHECK(g->id == 1);
  g->state.store(status::running, std::memory_order_relaxed);
  g->on = &main_machine;
  main_machine.running = g;
  set_this_machine(&main_machine);
  if constexpr (hooks::enabled) {
    hooks::sink().created(nullptr, *g);
    hooks::sink().resumed(*g);
  }
  return *g;
}

goroutine* current_if_any() noexcept {
  if (machine* m = this_machine()) return m->running;
  return this_foreign();
}

goroutine& current() {
  if (goroutine* g = current_if_any()) return *g;
  RAVEL_CHECK(this_machine() == nullptr);  // the scheduler itself is no goroutine
  if (::getpid() == ::gettid() && global.next_id.load(std::memory_order_relaxed) == 1) return adopt_main_thread();
  return adopt_foreign_thread();
}

// Leaves the current goroutine for its machine's scheduler; returns when somebody runs it again, perhaps on another thread.
void leave(void (*after)(machine&, goroutine&), void (*unlock)(void*), void* argument) {
  machine* m = this_machine();
  goroutine* g = m->running;
  if (g->stack && !stack_is_whole(g->stack)) fatal("stack overflow: a goroutine needs a larger go_options::stack_size");
  save_exception_state(*g);
  m->after = after;
  m->unlock = unlock;
  m->unlock_argument = argument;
  const transfer_t back = jump_fcontext(m->scheduler_context, m);
  this_machine()->scheduler_context = back.fctx;
  restore_exception_state(*g);
}

void park(void (*unlock)(void*), void* argument, hooks::wait_reason reason, const void* object) {
  goroutine& g = current();
  g.waiting_for = reason;
  g.waits_on = object;
  if (g.foreign) {
    park_foreign(g, unlock, argument);
  } else {
    leave(
        [](machine& m, goroutine& parked) {
          if constexpr (hooks::enabled) hooks::sink().suspended(parked);
          parked.state.store(status::waiting, std::memory_order_release);
          if (m.unlock != nullptr) m.unlock(m.unlock_argument);
        },
        unlock, argument);
  }
  g.waiting_for = hooks::wait_reason::none;
  g.waits_on = nullptr;
}

void ready(goroutine& g) {
  if (g.foreign) {
    global.foreign_running.fetch_add(1, std::memory_order_seq_cst);
    g.foreign_wake.store(1, std::memory_order_release);
    futex_wake(g.foreign_wake);
    return;
  }
  for (status waiting = status::waiting; !g.state.compare_exchange_weak(waiting, status::runnable, std::memory_order_acq_rel);
       waiting = status::waiting) {
    RAVEL_CHECK(waiting == status::waiting || waiting == status::inspected);
  }
  machine* m = this_machine();
  if (m != nullptr && m->p != nullptr) put_local(*m, &g);
  else put_global(&g);
  wake_a_machine();
}

void spawn(const go_options& options, detail::closure* work, goroutine* parent) {
  start_scheduler();
  goroutine* g = nullptr;
  try {
    const stack_slot s = allocate_stack(options.stack_size);
    g = new_goroutine();
    g->stack = s;
  } catch (...) {
    work->destroy(work);
    throw;
  }
  g->name = options.name;
  g->stack_low = g->stack.low;
  g->stack_high = g->stack.high;
  g->work = work;
  g->context = make_fcontext(reinterpret_cast<void*>(g->stack.high), g->stack.high - g->stack.low, run);
  if constexpr (hooks::enabled) hooks::sink().created(parent, *g);
  g->state.store(status::runnable, std::memory_order_release);
  machine* m = this_machine();
  if (m != nullptr && m->p != nullptr) put_local(*m, g);
  else put_global(g);
  wake_a_machine();
}

void yield_now() {
  if (current().foreign) {
    ::sched_yield();
    return;
  }
  leave([](machine&, goroutine& g) {
    if constexpr (hooks::enabled) hooks::sink().suspended(g);
    g.state.store(status::runnable, std::memory_order_release);
    put_global(&g);
  });
}

void exit_goroutine() {
  goroutine& g = current();
  if (g.id == 1 || g.foreign) {
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
  return global.limit.load(std::memory_order_relaxed);
}

int set_processors(int n) {
  start_scheduler();
  if (n > most_processors) n = most_processors;
  int before = 0;
  {
    const std::lock_guard hold(global.lock);
    before = global.limit.exchange(n, std::memory_order_relaxed);
    add_processors_locked(n);
  }
  wake_a_machine();
  return before;
}

int count_goroutines() noexcept { return global.goroutines.load(std::memory_order_relaxed); }

void run_blocking(void (*f)(void*), void* argument) {
  machine* m = this_machine();
  if (m == nullptr || current().foreign) {
    f(argument);
    return;
  }
  global.blocking.fetch_add(1, std::memory_order_seq_cst);
  release_processor(*m);
  struct back_to_work {
    machine* m;
    ~back_to_work() {
      // Counts as blocking until a processor or a queue has it: else the rest would look like a deadlock meanwhile.
      if (acquire_idle_processor(*m)) {
        global.blocking.fetch_sub(1, std::memory_order_seq_cst);
        return;
      }
      leave([](machine& mine, goroutine& g) {
        if constexpr (hooks::enabled) hooks::sink().suspended(g);
        g.state.store(status::runnable, std::memory_order_release);
        put_global(&g);
        global.blocking.fetch_sub(1, std::memory_order_seq_cst);
        wake_a_machine();
        stop_machine(mine);
      });
    }
  } restore{m};
  f(argument);
}

std::uint32_t choose_index(std::uint32_t n) {
  static thread_local std::uint64_t s = 0;
  if (s == 0) s = reinterpret_cast<std::uintptr_t>(&s) ^ static_cast<std::uint64_t>(__builtin_ia32_rdtsc());
  std::uint64_t z = (s += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return static_cast<std::uint32_t>(((z ^ (z >> 31)) >> 32) * n >> 32);
}

void note_pending_timers(int change) noexcept { global.pending_timers.fetch_add(change, std::memory_order_seq_cst); }

}  // namespace ravel::sched
