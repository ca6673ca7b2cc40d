#pragma once
// The scheduler: goroutines (G) on OS threads (M) that each hold a processor (P). Go runtime/proc.go is the model.
//
// All waiting goes through park, all waking through ready. What a goroutine waits for is guarded by the waiter's own lock, which park's
// `unlock` releases once the goroutine's stack is saved: from that moment somebody may make it ready.
// No code may keep the address of a thread_local across park, yield or any call that may come to them.
//
// Who is woken: a goroutine made ready runs next on the same processor, where its data is warm. Another machine is woken only when two or
// more wait here, and at most one searches: a futex wake on another core costs 20-80 us, hundreds of switches. That alone would leave a
// goroutine waiting behind one that computes; the monitor notices within a millisecond, wakes a machine, and makes that processor `eager`.

#include <cstdint>
#include <cxxabi.h>
#include <typeinfo>

#include "runtime/sched/goroutine.hpp"

namespace ravel::sched {

// The goroutine that runs on this thread; a thread the runtime does not know is adopted.
goroutine& current();
goroutine* current_if_any() noexcept;

// Blocks the current goroutine until ready(). unlock(argument) runs after its stack is saved, on another stack of the same thread, and must
// not block; null: nothing to unlock.
void park(void (*unlock)(void*), void* argument, hooks::wait_reason reason, const void* object);
void ready(goroutine& g);

// A goroutine in three steps: new_goroutine, place_for_work and a closure built there, begin_goroutine; or dropped before the last.
goroutine& new_goroutine(const go_options& options);
void* place_for_work(goroutine& g, std::size_t size, std::size_t alignment);
void begin_goroutine(goroutine& g, detail::closure* work, goroutine* parent);
void drop_goroutine(goroutine& g) noexcept;
void spawn(const go_options& options, detail::closure* work, goroutine* parent);  // parent null: the runtime itself starts it
void yield_now();
[[noreturn]] void exit_goroutine();

bool goexit_in_flight() noexcept;  // what catch (...) caught is exit_goroutine's

int processors() noexcept;
int set_processors(int n);
int count_goroutines() noexcept;

// Runs f outside the processors: others go on.
void run_blocking(void (*f)(void*), void* argument);

// A uniform choice among n > 0: every random decision of the runtime.
std::uint32_t choose_index(std::uint32_t n);

// The index of the processor this goroutine runs on, below most_processors: until it parks, no other goroutine has it. -1: none, as on
// foreign threads.
int current_processor() noexcept;

// Whether another processor is likely to run a goroutine now.
bool somebody_runs_beside() noexcept;
// And whom this goroutine waits for may be one of them: not the one it has just made ready itself.
bool may_be_done_beside() noexcept;

// Whether to look at a lock again for a moment before parking; turn counts up from 0.
bool worth_spinning(int turn) noexcept;

// Calls visit for every goroutine, oldest slot first, with its stack unless it runs at this moment on another thread; none begins to run
// meanwhile, so visit must not wait for one.
struct inspected_stack { const std::uintptr_t* frame; std::size_t count; };
void visit_goroutines(void* context, void (*visit)(void* context, goroutine& g, inspected_stack stack));

}  // namespace ravel::sched
