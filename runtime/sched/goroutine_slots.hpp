#pragma once
// Where goroutines live: slots of memory, each a guard page, a stack and, at its top, the goroutine itself.
//
// Invariants: a slot is with one goroutine, in one free list, or cold (its memory is with the kernel). Slots never move or go away, so a
// goroutine's address stays readable for ever and reads as dead when it is. Slots of one class lie side by side, an odd number of pages
// apart: tops of stacks at the same distance from a power of two would fight for the same few sets of the second-level cache.

#include <cstddef>
#include <cstdint>

#include "runtime/sched/goroutine.hpp"

namespace ravel::sched {

struct processor;

inline constexpr std::size_t default_stack_size = 256 << 10;

// A dead goroutine with its stack, stack bounds set; size 0: default. Throws std::system_error when the kernel gives no more memory.
// p, when there is one, is the caller's own processor: its free list is used without a lock, newest first.
goroutine* take_slot(processor* p, std::size_t size);
void give_back_slot(processor* p, goroutine& g) noexcept;

// Gives memory of stacks that nobody has needed since the last call to the kernel. Called by the monitor.
// False: there is nothing more to give.
bool cool_idle_slots() noexcept;

// Every goroutine in a slot that may be alive. A slot can change hands meanwhile unless the world is held.
void visit_slots(void* context, void (*visit)(void* context, goroutine& g));

void visit_regions(void* context, void (*visit)(void* context, std::uintptr_t low, std::uintptr_t high));

// False when the goroutine that runs on it has gone below its stack. Only says more than the hardware where a guard page could not be made.
// True once a stack had to do without a guard page: from then on every stack is looked at when it is left.
extern std::atomic<bool> unguarded_stacks;
bool stack_is_whole(const goroutine& g) noexcept;

// The goroutine in whose guard page `address` lies, null when there is none. For the fault handler: takes no lock.
const goroutine* guarded_by(std::uintptr_t address) noexcept;

}  // namespace ravel::sched
