#pragma once
// Histories that grow from one controlled run to the next: to those of what all of them touch, as the variables that a body captures, each run
// adds its reads, and what is no longer a point or a pair of points is slow. When a run begins, histories of which it knows all are forgotten:
// nothing of them can race with what is to come.
//
// Invariant: only while no other goroutine lives, who might not know what they hold.
// Thread-safety: for the thread of the controlled run.

#include <cstdint>

#include "detector/race/goroutine_state.hpp"

namespace ravel::detector {

class growing_histories {
 public:
  // By a goroutine of a controlled run: the granule's history is a list now.
  void note(std::uintptr_t granule) noexcept {
    std::uintptr_t& line = lately_[(granule >> 3) % lines];
    if (line == ~granule || count_ == most) return;
    line = ~granule;
    noted_[count_++] = ~granule;
  }
  // A run begins.
  void forget_what_is_known_to(const goroutine_state& root) noexcept;

 private:
  static constexpr std::size_t lines = 64, most = 512;
  // Inverted: else the search for lost goroutines would take them for variables that lead there.
  std::uintptr_t lately_[lines];
  std::uintptr_t noted_[most];
  std::size_t count_;
};

extern growing_histories histories_of_runs;

}  // namespace ravel::detector
