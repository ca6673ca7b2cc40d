#pragma once
// Goroutines: Go's `go` statement and the functions of package runtime.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
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

// What a goroutine runs: function and arguments in one heap block.
struct closure {
  void (*run)(closure*);
  void (*destroy)(closure*) noexcept;
};

void start_goroutine(const go_options& options, closure* c);
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
  static void destroy_it(closure* c) noexcept { delete static_cast<bound_closure*>(c); }
};

}  // namespace detail

// Runs f(args...) concurrently. Function and arguments are decay-copied now, as by std::thread. What happened before go happens before
// the goroutine's start; nothing orders its end (use wait_group, a channel, ...). An exception that leaves it ends the process.
// Throws std::system_error when no stack can be had. Any thread may call it.
template <class F, class... Args>
  requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
void go(F&& f, Args&&... args) {
  using closure = detail::bound_closure<std::decay_t<F>, std::decay_t<Args>...>;
  detail::start_goroutine(go_options{}, new closure(std::forward<F>(f), std::forward<Args>(args)...));
}

template <class F, class... Args>
  requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
void go(go_options options, F&& f, Args&&... args) {
  using closure = detail::bound_closure<std::decay_t<F>, std::decay_t<Args>...>;
  detail::start_goroutine(options, new closure(std::forward<F>(f), std::forward<Args>(args)...));
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
