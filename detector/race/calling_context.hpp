#pragma once
// Exact call stacks, paid for once per call path. Instrumented code carries a hash of its call path (__ravel_context); the first time
// the detector meets a hash it walks the stack and keeps the result under it.
//
// The walk follows frame pointers (a race build has them) and is verified: it must end at the goroutine's first frame. Where a library
// without frame pointers is in between, the unwinder walks instead.

#include <cstdint>

#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

// Callers of the function that contains an access. `context`: that function's value; `frame`: frame pointer of the entry point it called.
stack_id stack_of_access(std::uint64_t context, const void* frame);

// The stack of the running goroutine at an event of the runtime or of a library; begins inside Ravel or that library.
stack_id stack_of_event(const void* frame);

}  // namespace ravel::detector
