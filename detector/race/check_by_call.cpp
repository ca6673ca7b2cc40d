// The checks of code that is not worth an inline one: the inline check, as a call. Mostly the access is recorded and the call returns, so
// these save one or two registers and no more; what is left is a jump to the cold entry point, which finds the frame of instrumented
// code above its own.

#include "detector/race/field_address.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "runtime/abi/ravel_abi.h"

namespace ravel::detector {
namespace {

template <std::uint32_t Size>
[[gnu::always_inline]] inline bool is_recorded(const void* address, bool write) {
  const auto p = reinterpret_cast<std::uintptr_t>(address);
  const std::uintptr_t first = p & (granule_size - 1);
  const tag_word current = __ravel_current;
  if constexpr (Size > granule_size) {
    return first == 0 && already_recorded(load_tag(tag_address(p)), current, all_bytes, write) &&
           already_recorded(load_tag(tag_address(p + granule_size)), current, all_bytes, write);
  } else {
    if (Size > 1 && first + Size > granule_size) return false;
    return already_recorded(load_tag(tag_address(p)), current, ((1u << Size) - 1) << first, write);
  }
}

[[gnu::always_inline]] inline bool is_recorded(std::uintptr_t p, const ravel_site& site) {
  const std::uintptr_t first = p & (granule_size - 1);
  if (first + site.size > granule_size) return false;
  return already_recorded(load_tag(tag_address(p)), __ravel_current, ((1u << site.size) - 1) << first, (site.flags & RAVEL_SITE_WRITE) != 0);
}

}  // namespace
}  // namespace ravel::detector

#define RAVEL_CHECK_BY_CALL(size)                                                                             \
  RAVEL_COLD void __ravel_check_read##size(const void* address, const ravel_site* site, ravel_u64 context) {  \
    if (__builtin_expect(ravel::detector::is_recorded<size>(address, false), 1)) return;                      \
    [[clang::musttail]] return __ravel_read##size(address, site, context);                                    \
  }                                                                                                           \
  RAVEL_COLD void __ravel_check_write##size(const void* address, const ravel_site* site, ravel_u64 context) { \
    if (__builtin_expect(ravel::detector::is_recorded<size>(address, true), 1)) return;                       \
    [[clang::musttail]] return __ravel_write##size(address, site, context);                                   \
  }

extern "C" {

RAVEL_CHECK_BY_CALL(1)
RAVEL_CHECK_BY_CALL(2)
RAVEL_CHECK_BY_CALL(4)
RAVEL_CHECK_BY_CALL(8)
RAVEL_CHECK_BY_CALL(16)

RAVEL_COLD void __ravel_check_fields(const void* address, const ravel_site* site, ravel_u64 context) {
  for (;; ++site) {
    if (__builtin_expect(!ravel::detector::is_recorded(ravel::detector::field_address(address, *site), *site), 0)) {
      [[clang::musttail]] return __ravel_check_fields_from(address, site, context);
    }
    if ((site->flags & RAVEL_SITE_MORE) == 0) return;
  }
}

}  // extern "C"
