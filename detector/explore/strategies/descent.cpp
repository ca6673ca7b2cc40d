// Knuth: Estimating the efficiency of backtrack programs (Mathematics of Computation 29, 1975): a random way down the tree of the exhaustive
// strategy, each branch as likely as its siblings. The product of the numbers of branches on it, or 0 where it ends in a schedule that is given
// up, is an estimate of the number of traces that is right on average.

#include <algorithm>
#include <vector>

#include "detector/explore/steps.hpp"
#include "detector/explore/strategies/descent.hpp"

namespace ravel::detector::explore {

bool descent::begin(std::uint64_t number) {
  random_ = random_stream(seed_, number);
  sleep_.clear();
  branches_ = 1;
  return true;
}

std::uint32_t descent::next(const hooks::choice& c) {
  alternatives_.clear();
  for (std::uint32_t i = 0; i < c.enabled_count; ++i) {
    if (std::find(sleep_.begin(), sleep_.end(), c.enabled[i]) == sleep_.end()) alternatives_.push_back(c.enabled[i]);
  }
  if (alternatives_.empty()) {
    branches_ = 0;
    return give_up;
  }
  const std::uint32_t taken = random_.below(static_cast<std::uint32_t>(alternatives_.size()));
  branches_ *= static_cast<double>(alternatives_.size());
  const std::uint32_t who = alternatives_[taken];
  // Those before it have been explored, as it were.
  sleep_.insert(sleep_.end(), alternatives_.begin(), alternatives_.begin() + taken);
  std::erase_if(sleep_, [&](std::uint32_t g) { return conflict(c.all[who].pending, c.all[g].pending); });
  return who;
}

std::uint32_t descent::choose(std::uint32_t n) {
  branches_ *= n;
  return random_.below(n);
}

}  // namespace ravel::detector::explore
