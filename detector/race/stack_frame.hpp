#pragma once
// Whose variable lies at an address on a stack: the frame of which function, and where in it.

#include <cstddef>
#include <cstdint>
#include <optional>

namespace ravel::detector {

struct goroutine_state;

struct stack_frame {
  std::uintptr_t goes_on_at;  // return address into the function whose frame it is
  std::size_t size;
  std::size_t offset;         // of the address in the frame
};

// Nothing when the goroutine runs on another thread now, or the frame is not reached by frame pointers. [low, high): its stack.
std::optional<stack_frame> find_stack_frame(std::uintptr_t address, const goroutine_state& g, std::uintptr_t low, std::uintptr_t high);

}  // namespace ravel::detector
