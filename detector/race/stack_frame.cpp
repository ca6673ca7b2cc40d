#include "detector/race/stack_frame.hpp"

#include "detector/race/goroutine_state.hpp"
#include "runtime/hooks/services.hpp"

namespace ravel::detector {

// A frame pointer points at the caller's, beside the return address into the caller: the caller's frame lies between there and his own
// frame pointer. The outermost function's own pointer may be anything, so the address need not be below it.
std::optional<stack_frame> find_stack_frame(std::uintptr_t address, const goroutine_state& g, std::uintptr_t low, std::uintptr_t high) {
  auto callee = &g == running() ? reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) : hooks::parked_frame_pointer(*g.view);
  constexpr int most = 4096;
  for (int i = 0; i < most; ++i) {
    if (callee < low || callee + 16 > high || callee % 8 != 0) return std::nullopt;
    const auto* saved = reinterpret_cast<const std::uintptr_t*>(callee);
    const std::uintptr_t begin = callee + 16, caller = saved[0];
    if (address < begin) return std::nullopt;
    if (caller > address && caller < high) return stack_frame{saved[1], caller - begin, address - begin};
    if (caller <= callee) return std::nullopt;
    callee = caller;
  }
  return std::nullopt;
}

}  // namespace ravel::detector
