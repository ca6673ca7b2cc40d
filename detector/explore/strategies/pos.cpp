// POS: Yuan, Yang, Gu: Partial order aware concurrency sampling (CAV 2018).
//
// Each pending step has a random priority; the enabled one with the highest is taken, and every pending step that conflicts with it draws
// anew. So of two conflicting steps each order is as likely at every meeting, whatever their goroutines did before.

#include <vector>

#include "detector/explore/steps.hpp"
#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

class pos final : public strategy {
 public:
  explicit pos(std::uint64_t seed) : seed_(seed) {}

  bool begin(std::uint64_t number) override {
    random_ = random_stream(seed_, number);
    priorities_.clear();
    return true;
  }

  std::uint32_t next(const hooks::choice& c) override {
    while (priorities_.size() < c.count) priorities_.push_back(random_.next());
    std::uint32_t best = c.enabled[0];
    for (std::uint32_t i = 1; i < c.enabled_count; ++i) {
      if (priorities_[c.enabled[i]] > priorities_[best]) best = c.enabled[i];
    }
    const hooks::step& taken = c.all[best].pending;
    for (std::uint32_t i = 0; i < c.enabled_count; ++i) {
      const std::uint32_t g = c.enabled[i];
      if (g == best || conflict(taken, c.all[g].pending)) priorities_[g] = random_.next();
    }
    return best;
  }

  std::uint32_t choose(std::uint32_t n) override { return random_.below(n); }

 private:
  std::uint64_t seed_;
  random_stream random_;
  std::vector<std::uint64_t> priorities_;
};

}  // namespace

std::unique_ptr<strategy> make_pos(std::uint64_t seed) { return std::make_unique<pos>(seed); }

}  // namespace ravel::detector::explore
