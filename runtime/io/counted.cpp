#include "runtime/include/ravel/detail/counted.hpp"

#include "runtime/include/ravel/race.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

void retain(const counted* c) noexcept { c->references_.fetch_add(1, std::memory_order_relaxed); }

void release(const counted* c) noexcept {
  race::release_merge(c);
  if (c->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  race::acquire(c);
  delete c;
}

}  // namespace detail
} }
