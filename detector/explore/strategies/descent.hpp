#pragma once
#include <vector>

#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

class descent final : public strategy {
 public:
  explicit descent(std::uint64_t seed) : seed_(seed) {}
  bool begin(std::uint64_t number) override;
  std::uint32_t next(const hooks::choice& c) override;
  std::uint32_t choose(std::uint32_t n) override;
  double estimate() const { return branches_; }  // by the schedule that has just been run

 private:
  std::uint64_t seed_;
  random_stream random_;
  std::vector<std::uint32_t> sleep_, alternatives_;
  double branches_ = 1;
};

}  // namespace ravel::detector::explore
