#pragma once
// The goroutine, and the states that say who owns its stack.

#include <atomic>
#include <cstdint>

#include "runtime/hooks/hooks.hpp"
#include "runtime/include/ravel/go.hpp"
#include "runtime/sched/context_switch.hpp"
#include "runtime/sched/futex.hpp"

#if defined(__has_feature)
#define RAVEL_FIBER_ANNOTATIONS (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#endif

namespace ravel::sched {

struct machine;

enum class status : std::uint32_t {
  dead,      // a free list, or nobody: also what a slot reads as whose memory is with the kernel
  created,   // its creator owns it; the stack is not in use
  runnable,  // some run queue owns it; the stack is saved
  running,   // the machine that runs it owns the stack
  waiting,   // what it waits for owns it; the stack is saved
};

// Lies at the top of its own stack's slot, with what it runs below it, so that a goroutine which only waits takes one page. The main
// thread's and foreign threads' goroutines have no slot.
struct goroutine : hooks::goroutine_view {
  std::atomic<status> state{status::dead};
  bool foreign = false;                // runs on its own OS thread: parking it is foreign_wake
  bool heap_work = false;              // `work` did not fit into the slot
  context saved = nullptr;             // where to continue, while not running
  detail::closure* work = nullptr;
  goroutine* next = nullptr;           // in the run queue or free list that owns it
  machine* on = nullptr;               // who runs it
  const void* waits_on = nullptr;      // the object, for dumps
  void* exception_state[2] = {};       // contents of __cxa_get_globals() while not running
  std::uint32_t task = 0;              // in a controlled run: its number there, from 1
  std::uint32_t thread_locks = 0;      // what it holds that belongs to its OS thread: not preempted while any
  bool yield_when_none = false;        // it was asked to give way while it held some
  std::uint32_t slot_class = 0;        // where its slot goes back to
  std::atomic<std::uint32_t> foreign_wake{0};
  goroutine* all_previous = nullptr;   // foreign threads only: their list, guarded by its lock
  goroutine* all_next = nullptr;
#if RAVEL_FIBER_ANNOTATIONS
  void* sanitizer_fiber = nullptr;     // ThreadSanitizer's
  void* sanitizer_stack = nullptr;     // AddressSanitizer's fake stack while not running
  std::uintptr_t sanitizer_low = 0;
  std::size_t sanitizer_bytes = 0;
#endif

  bool has_slot() const { return slot_class != 0; }
};

}  // namespace ravel::sched
