// Threads the runtime did not make: each is a goroutine of its own while it uses Ravel, runs on its own OS thread, and parks on a futex.

#include <sched.h>

#include <mutex>

#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

constinit os_lock list_lock;             // guards the list; a leaf
constinit goroutine* first = nullptr;

thread_local constinit goroutine* foreign_goroutine = nullptr;

void link(goroutine& g) {
  const std::lock_guard hold(list_lock);
  g.all_next = first;
  if (first != nullptr) first->all_previous = &g;
  first = &g;
}

void unlink(goroutine& g) {
  const std::lock_guard hold(list_lock);
  (g.all_previous != nullptr ? g.all_previous->all_next : first) = g.all_next;
  if (g.all_next != nullptr) g.all_next->all_previous = g.all_previous;
}

// Never deleted, used again: a dump may look at one that ends meanwhile.
constinit goroutine* forgotten = nullptr;  // list_lock

void forget(goroutine& g) {
  g.state.store(status::dead, std::memory_order_release);
  const std::lock_guard hold(list_lock);
  g.next = forgotten;
  forgotten = &g;
}

goroutine* forgotten_or_new() {
  {
    const std::lock_guard hold(list_lock);
    if (goroutine* g = forgotten) {
      forgotten = g->next;
      g->all_previous = g->all_next = nullptr;
      return g;
    }
  }
  return new goroutine;
}

// Ends a foreign thread's goroutine when the thread ends.
struct foreign_owner {
  ~foreign_owner() {
    goroutine* g = foreign_goroutine;
    if (g == nullptr) return;
    foreign_goroutine = nullptr;
    if constexpr (hooks::enabled) hooks::sink().ended(*g);
    unlink(*g);
    count_goroutine(nullptr, -1);
    forget(*g);
    global.foreign_running.fetch_sub(1, std::memory_order_seq_cst);
    {  // This thread may have been the last that could wake anybody; it still counts as known.
      const std::lock_guard hold(global.lock);
      check_deadlock_locked();
    }
    global.known_threads.fetch_sub(1, std::memory_order_seq_cst);
  }
};

}  // namespace

[[gnu::noinline]] goroutine* this_foreign() noexcept { return foreign_goroutine; }

goroutine& adopt_foreign_thread() {
  start_scheduler();
  static thread_local foreign_owner owner;
  (void)owner;
  goroutine* g = forgotten_or_new();
  g->id = take_id(nullptr);
  g->foreign = true;
  g->state.store(status::running, std::memory_order_relaxed);
  link(*g);
  count_goroutine(nullptr, 1);
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

void ready_foreign(goroutine& g) {
  // Counts as running before it can run: it may be the only one who can wake the others.
  global.foreign_running.fetch_add(1, std::memory_order_seq_cst);
  g.foreign_wake.store(1, std::memory_order_release);
  futex_wake(g.foreign_wake);
}

void visit_foreign(void* context, void (*visit)(void* context, goroutine& g)) {
  const std::lock_guard hold(list_lock);
  for (goroutine* g = first; g != nullptr; g = g->all_next) visit(context, *g);
}

}  // namespace ravel::sched
