#pragma once
// Stacks of goroutines: guarded, lazily committed, used again newest first.
//
// Invariants: a slot is a power of two of bytes inside a large reservation; its lowest page is never used; a slot is either with one
// goroutine or in one list. Slots never go back to the kernel, their memory does.

#include <cstddef>
#include <cstdint>

namespace ravel::sched {

struct stack_slot {
  std::uintptr_t low = 0;   // of the usable part, above the guard page
  std::uintptr_t high = 0;
  explicit operator bool() const { return high != 0; }
};

inline constexpr std::size_t default_stack_size = 256 << 10;

stack_slot allocate_stack(std::size_t size);   // 0: default. Throws std::system_error when the kernel gives no more.
void free_stack(stack_slot s) noexcept;

// False when the goroutine that runs on it has gone below it. Only says more than the hardware where the guard page could not be made.
bool stack_is_whole(stack_slot s) noexcept;

}  // namespace ravel::sched
