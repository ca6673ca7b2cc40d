#pragma once
#include <cstddef>

#include "runtime/abi/ravel_abi.h"

namespace ravel::detector {

// An access of user code to [address, address + size), checked by a function that stands in for a libc one. `frame`: frame pointer of
// that function, whose caller is the user's.
void check_range(const void* address, std::size_t size, bool write, const ravel_site* site, ravel_u64 context, const void* frame);

}  // namespace ravel::detector
