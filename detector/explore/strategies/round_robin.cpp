// Round-robin: one schedule, in which goroutines take steps in turn. For a first look, and for tests that want no chance at all.

#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

class round_robin final : public strategy {
 public:
  bool begin(std::uint64_t number) override { return !(done_ = number != 0); }
  std::uint32_t next(const hooks::choice& c) override {
    for (std::uint32_t i = 0; i < c.enabled_count; ++i) {
      if (c.enabled[i] > c.current) return c.enabled[i];
    }
    return c.enabled[0];
  }
  std::uint32_t choose(std::uint32_t) override { return 0; }
  bool samples() const override { return false; }

 private:
  bool done_ = false;
};

}  // namespace

std::unique_ptr<strategy> make_round_robin() { return std::make_unique<round_robin>(); }

}  // namespace ravel::detector::explore
