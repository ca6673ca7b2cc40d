// Threads the runtime did not make: each is a goroutine of its own while it uses Ravel, runs on its own OS thread, and parks on a futex.

#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#include <mutex>
#include <system_error>
#include <utility>

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

void end_foreign_goroutine() {
  goroutine* g = std::exchange(foreign_goroutine, nullptr);
  if constexpr (hooks::enabled) {
    hooks::sink().ended(*g);
    hooks::sink().own_use(true);  // for good: nothing on this thread may become a goroutine again, there is nobody left to end it
  }
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

// A foreign thread's goroutine ends with the thread: as late as can be, since destructors of thread_local variables, which run before
// those of keys, and of other keys are still the program's. The value is the number of rounds of key destructors left.
// The sanitizers end a thread in the last round too, and before us, since their key is older: theirs the last, ours the one before.
constexpr std::uintptr_t rounds_of_destructors = PTHREAD_DESTRUCTOR_ITERATIONS - (RAVEL_FIBER_ANNOTATIONS ? 1 : 0);
pthread_key_t end_of_thread;
void on_end_of_thread(void* rounds) {
  const auto left = reinterpret_cast<std::uintptr_t>(rounds) - 1;
  if (left == 0 || ::pthread_setspecific(end_of_thread, reinterpret_cast<void*>(left)) != 0) end_foreign_goroutine();
}
void watch_end_of_thread() {
  static const int error = ::pthread_key_create(&end_of_thread, on_end_of_thread);
  const int unset = error != 0 ? error : ::pthread_setspecific(end_of_thread, reinterpret_cast<void*>(rounds_of_destructors));
  if (unset != 0) throw std::system_error(unset, std::generic_category(), "ravel: cannot watch for the end of a thread");
}

// So that a stack variable of a thread is known as one. The main thread's bounds change as it grows.
[[maybe_unused]] void find_stack_of_thread(goroutine& g) {
  const hooks::own_use ours;
  pthread_attr_t attributes;
  if (::getpid() == ::gettid() || ::pthread_getattr_np(::pthread_self(), &attributes) != 0) return;
  void* low = nullptr;
  std::size_t size = 0;
  if (::pthread_attr_getstack(&attributes, &low, &size) == 0) {
    g.stack_low = reinterpret_cast<std::uintptr_t>(low);
    g.stack_high = g.stack_low + size;
  }
  ::pthread_attr_destroy(&attributes);
}

}  // namespace

[[gnu::noinline]] goroutine* this_foreign() noexcept { return foreign_goroutine; }

goroutine& adopt_foreign_thread() {
  start_scheduler();
  watch_end_of_thread();
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
    find_stack_of_thread(*g);
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
