#pragma once
// How many classes of schedules a program has, from a few walks at random.
//
// Knuth: Estimating the efficiency of backtrack programs (Mathematics of computation 29, 1975): a walk that takes each of n with probability 1/n
// counts for the product of its n. Its class has as many schedules as its partial order has linear extensions, and each of them may be met; so
// the product divided by their number is an unbiased estimate of the number of classes (Horvitz, Thompson: A generalization of sampling without
// replacement from a finite universe, JASA 47, 1952). No descent ends asleep, as they do on the tree of sleep sets, where this was tried first.
// The extensions are counted set by set of what was done before; where those are too many there is no estimate.

#include <cstdint>
#include <optional>
#include <vector>

#include "detector/explore/behaviours.hpp"
#include "detector/explore/trace.hpp"

namespace ravel::detector::explore {

class estimate {
 public:
  static constexpr std::size_t enough = 1024;     // walks: more would cost time that schedules need
  bool wants_more() const { return !too_large_ && walks_.size() < enough; }
  double add(const trace& walk);                  // of a strategy that draws_evenly; each that there is, until enough. What it counted for
  void add(double walk);                          // that an estimate elsewhere returned; 0: it was too large
  // Nothing for a few walks, or too large ones. A program with `distinct` classes has at least these.
  std::optional<behaviours::interval> classes(std::uint64_t distinct) const;

 private:
  std::vector<double> walks_;
  std::size_t effort_ = 0;
  bool too_large_ = false;
};

// In how many orders the steps of this trace can be taken without another outcome; 0: more than `most` sets of steps would have to be looked
// at. `effort` grows by how many were.
double linear_extensions(const trace& t, std::size_t most, std::size_t& effort);

}  // namespace ravel::detector::explore
