#pragma once
#include <cstdint>

#include "runtime/abi/ravel_abi.h"

namespace ravel::detector {

// Where a site of __ravel_check_fields is accessed, from the address the call was given.
inline std::uintptr_t field_address(const void* address, const ravel_site& site) {
  return reinterpret_cast<std::uintptr_t>(address) + static_cast<std::uintptr_t>(static_cast<std::int32_t>(site.flags) >> RAVEL_SITE_OFFSET_BITS);
}

}  // namespace ravel::detector
