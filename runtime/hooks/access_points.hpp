#pragma once
// Plain accesses to memory as scheduling points of a controlled run: all of them, or those at places that were part of a race, so that what
// a race leads to is found as well. The explorer decides, the race detector asks before an access and notes the places that raced.
//
// Thread-safety: used by the thread of the controlled run alone; where none runs, by whoever starts one.

#include <cstddef>

namespace ravel::hooks {

struct access_points {
  static constexpr std::size_t most = 64;
  bool all = false;
  bool noting = false;               // races are noted
  std::size_t active = 0;            // the first so many of `raced` are points; the rest becomes so when the explorer says
  std::size_t noted = 0;
  const void* raced[most] = {};      // ravel_site*

  bool any() const noexcept { return all || active != 0; }
  bool is_point(const void* site) const noexcept {
    if (all) return true;
    for (std::size_t i = 0; i < active; ++i) {
      if (raced[i] == site) return true;
    }
    return false;
  }
  void note(const void* site) noexcept {
    if (!noting || site == nullptr || noted == most) return;
    for (std::size_t i = 0; i < noted; ++i) {
      if (raced[i] == site) return;
    }
    raced[noted++] = site;
  }
};
inline constinit access_points points_at_accesses{};

}  // namespace ravel::hooks
