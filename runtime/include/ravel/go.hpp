#pragma once
// Goroutines: Go's `go` statement and the functions of package runtime.
//
// A goroutine may go on on another OS thread after anything that can block or yield, and, compiled by ravel++, at any loop or call of its own
// (it is asked to yield after 10 ms). A thread_local is therefore the one of the thread it happens to run on: do not keep its address, nor
// expect its value to stay; pass values along instead. Exceptions and the rounding mode are the goroutine's own; floating-point exception
// flags are the thread's. A std::mutex works, but blocks a thread: ravel::mutex blocks only the goroutine.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

#include "detail/config.hpp"

RAVEL_NAMESPACE_BEGIN

struct go_options {
  const char* name = "";        // shown in dumps and reports; must outlive the goroutine (a string literal does)
  std::size_t stack_size = 0;   // bytes, rounded up to a power of two; 0: 256 KiB. Overflow is reported as such, never silent.
};

namespace detail {

// What a goroutine runs: function and arguments.
struct closure {
  void (*run)(closure*);
  void (*destroy)(closure*) noexcept;  // the memory too, where it is the closure's own
};

// A goroutine that has not begun: its closure is built in `place`, inside the goroutine's own first page, then it is started or dropped.
struct unborn {
  void* goroutine;
  void* place;
};
unborn new_goroutine(const go_options& options, std::size_t size, std::size_t alignment);
void start_goroutine(const unborn& u, closure* c);
void drop_goroutine(const unborn& u) noexcept;
void run_blocking(void (*f)(void*), void* argument);

template <class F, class... Args>
struct bound_closure : closure {
  F f;
  std::tuple<Args...> args;

  template <class G, class... As>
  explicit bound_closure(G&& g, As&&... as) : closure{&run_it, &destroy_it}, f(std::forward<G>(g)), args(std::forward<As>(as)...) {}

  static void run_it(closure* c) {
    auto* self = static_cast<bound_closure*>(c);
    std::apply([self](Args&... as) { std::invoke(std::move(self->f), std::move(as)...); }, self->args);
  }
  static void destroy_it(closure* c) noexcept { static_cast<bound_closure*>(c)->~bound_closure(); }
  static void delete_it(closure* c) noexcept { delete static_cast<bound_closure*>(c); }
};

template <class F>
closure* new_closure(F&& f) {  // on the heap
  using bound = bound_closure<std::decay_t<F>>;
  auto* c = new bound(std::forward<F>(f));
  c->destroy = &bound::delete_it;
  return c;
}

template <class F, class... Args>
void start(const go_options& options, F&& f, Args&&... args) {
  using bound = bound_closure<std::decay_t<F>, std::decay_t<Args>...>;
  struct birth : unborn {
    bool started = false;
    explicit birth(const unborn& u) : unborn(u) {}
    ~birth() { if (!started) drop_goroutine(*this); }
  } b(new_goroutine(options, sizeof(bound), alignof(bound)));
  closure* c = ::new (b.place) bound(std::forward<F>(f), std::forward<Args>(args)...);
  b.started = true;
  start_goroutine(b, c);
}

}  // namespace detail

// Runs f(args...) concurrently. Function and arguments are decay-copied now, as by std::thread. What happened before go happens before
// the goroutine's start; nothing orders its end (use wait_group, a channel, ...). An exception that leaves it ends the process.
// Throws std::system_error when no stack can be had. Any thread may call it.
template <class F, class... Args>
  requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
void go(F&& f, Args&&... args) {
  detail::start(go_options{}, std::forward<F>(f), std::forward<Args>(args)...);
}

template <class F, class... Args>
  requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
void go(go_options options, F&& f, Args&&... args) {
  detail::start(options, std::forward<F>(f), std::forward<Args>(args)...);
}

// Lets other goroutines run (runtime.Gosched). Orders nothing.
void yield();

// Ends this goroutine; its destructors and deferred statements run (runtime.Goexit). In main: the other goroutines go on, and the process
// ends with "no goroutines" when all are gone.
[[noreturn]] void goexit();

std::uint64_t this_goroutine_id();  // 1 is main; never reused
int num_goroutine();                // that exist now, this one included

// How many goroutines run at the same time; n > 0 sets it (1 to 1024). Returns the previous value. At start: RAVEL_MAXPROCS, else the
// processors this process may use.
int gomaxprocs(int n = 0);

// Every goroutine: id, name, state, what it waits for, stack.
void dump_goroutines(std::ostream& out);

// Runs f where it may block the OS thread: other goroutines go on meanwhile.
template <class F>
void blocking(F&& f) {
  detail::run_blocking([](void* p) { (*static_cast<std::remove_reference_t<F>*>(p))(); }, const_cast<void*>(static_cast<const void*>(&f)));
}

RAVEL_NAMESPACE_END
