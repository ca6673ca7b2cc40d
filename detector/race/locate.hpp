#pragma once
#include <cstdint>

#include "detector/race/thread_state.hpp"
#include "detector/report/report.hpp"

namespace ravel::detector {

// What lies at the address of an access: heap block, global, somebody's stack, a channel.
report::location locate(std::uintptr_t address, access_nature nature);

// Ready for people: symbolised, without frames of Ravel itself.
report::stack readable_stack(const ravel_site* site, stack_id callers);
report::stack readable_stack(stack_id id);

}  // namespace ravel::detector
