// Random walk: each enabled goroutine with the same probability at each step.

#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

class random_walk final : public strategy {
 public:
  explicit random_walk(std::uint64_t seed) : seed_(seed) {}
  bool begin(std::uint64_t number) override {
    random_ = random_stream(seed_, number);
    return true;
  }
  std::uint32_t next(const hooks::choice& c) override { return c.enabled_count == 1 ? c.enabled[0] : c.enabled[random_.below(c.enabled_count)]; }
  bool draws_evenly() const override { return true; }
  std::uint32_t choose(std::uint32_t n) override { return random_.below(n); }

 private:
  std::uint64_t seed_;
  random_stream random_;
};

}  // namespace

std::unique_ptr<strategy> make_random(std::uint64_t seed) { return std::make_unique<random_walk>(seed); }

}  // namespace ravel::detector::explore
