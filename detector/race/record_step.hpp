#pragma once
#include "detector/race/record_access.hpp"

namespace ravel::detector {

// The rule applied to one granule, its block locked, the running goroutine known, `stack` that of the access. A race found is left in
// this_thread.pending. Uses general registers only.
void record_step(const access_request& request, stack_id stack);

}  // namespace ravel::detector
