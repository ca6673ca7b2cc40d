#pragma once
// Interned call stacks: a stack is a node (return address, parent stack), so stacks share their outer frames. Grows with the number of
// distinct call paths of the program, never with time.
// Thread-safety: all functions from any thread.

#include <cstddef>
#include <cstdint>

#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

class stack_depot {
 public:
  static void reserve();

  // `frames`: return addresses, innermost first.
  static stack_id intern(const std::uintptr_t* frames, std::size_t count);

  // Writes up to `room` frames, innermost first; returns how many the stack has.
  static std::size_t frames(stack_id id, std::uintptr_t* out, std::size_t room);

  // The stack of a calling-context value, remembered the first time it was seen; 0 if it never was.
  static stack_id find_context(std::uint64_t context);
  static void remember_context(std::uint64_t context, stack_id id);
};

}  // namespace ravel::detector
