#pragma once
// The goroutine, and the states that say who owns its stack.

#include <atomic>
#include <boost/context/detail/fcontext.hpp>
#include <cstdint>

#include "runtime/hooks/hooks.hpp"
#include "runtime/include/ravel/go.hpp"
#include "runtime/sched/futex.hpp"
#include "runtime/sched/stack_pool.hpp"

namespace ravel::sched {

using boost::context::detail::fcontext_t;

struct machine;

enum class status : std::uint8_t {
  created,   // its creator owns it; the stack is not in use
  runnable,  // some run queue owns it; the stack is saved
  running,   // the machine that runs it owns the stack
  waiting,   // what it waits for owns it; the stack is saved
  inspected, // waiting, and a dump reads its stack: ready() waits for that
  dead,      // nobody; the stack goes back to the pool
};

struct goroutine : hooks::goroutine_view {
  std::atomic<status> state{status::created};
  fcontext_t context = nullptr;        // where to continue, while not running
  stack_slot stack{};                  // empty for the main thread's and foreign threads' goroutines
  detail::closure* work = nullptr;
  goroutine* next = nullptr;           // in the run queue or free list that owns it
  machine* on = nullptr;               // who runs it
  const void* waits_on = nullptr;      // the object, for dumps
  void* exception_state[2] = {};       // contents of __cxa_get_globals() while not running
  goroutine* all_previous = nullptr;   // list of all, guarded by scheduler::all_lock
  goroutine* all_next = nullptr;
  bool exiting = false;                // goexit is unwinding
  // A foreign thread runs on its own OS thread: parking it is this semaphore.
  bool foreign = false;
  std::atomic<std::uint32_t> foreign_wake{0};
};

}  // namespace ravel::sched
