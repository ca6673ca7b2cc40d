#pragma once
#include "detector/explore/trace.hpp"

namespace ravel::detector::explore {

// Whether the order of the two, of different goroutines, can make a difference.
inline bool conflict(const hooks::step& a, const hooks::step& b) {
  if (!conflict(a.how, b.how)) return false;
  if (a.more_count == 0 && b.more_count == 0) return a.object == b.object;
  for (std::uint32_t i = 0; i <= a.more_count; ++i) {
    const void* o = i == 0 ? a.object : a.more[i - 1];
    for (std::uint32_t k = 0; k <= b.more_count; ++k) {
      if (o == (k == 0 ? b.object : b.more[k - 1])) return true;
    }
  }
  return false;
}

}  // namespace ravel::detector::explore
