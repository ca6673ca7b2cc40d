// PCT: Burckhardt, Kothari, Musuvathi, Nagarakatte: A randomized scheduler with probabilistic guarantees of finding bugs (ASPLOS 2010).
//
// Goroutines have distinct random priorities above d; the enabled one with the highest runs. At d - 1 steps, drawn from all k, the goroutine
// about to run drops to a priority below all others. A bug of depth d shows with probability at least 1 / (n k^(d-1)).
// Deviations: k is the longest schedule seen so far, not known beforehand; n grows as goroutines are created, each with a priority drawn
// when it is; a goroutine that spins is passed over by the scheduler until something changes.

#include <algorithm>
#include <vector>

#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

class pct final : public strategy {
 public:
  pct(std::uint64_t seed, std::uint32_t depth) : seed_(seed), depth_(depth) {}

  bool begin(std::uint64_t number) override {
    random_ = random_stream(seed_, number);
    priorities_.clear();
    step_ = 0;
    changes_.clear();
    for (std::uint32_t i = 1; i < depth_; ++i) changes_.push_back({random_.below(steps_), i});
    std::sort(changes_.begin(), changes_.end());
    next_change_ = 0;
    return true;
  }

  std::uint32_t next(const hooks::choice& c) override {
    while (priorities_.size() < c.count) priorities_.push_back(depth_ + (random_.next() >> 8));
    std::uint32_t best = highest(c);
    const bool only_one = c.enabled_count == 1;
    while (next_change_ < changes_.size() && changes_[next_change_].at <= step_) {
      if (only_one) break;  // a change where nobody else can run would be wasted: it comes at the next step that has a choice
      priorities_[best] = changes_[next_change_++].priority;
      best = highest(c);
    }
    ++step_;
    return best;
  }

  std::uint32_t choose(std::uint32_t n) override { return random_.below(n); }

  void learn(const trace& t) override {
    std::uint32_t steps = 0;
    for (const event& e : t.events) steps += e.is == event::type::step;
    steps_ = std::max(steps_, steps);
  }

 private:
  struct change {
    std::uint32_t at, priority;
    bool operator<(const change& o) const { return at < o.at; }
  };

  std::uint32_t highest(const hooks::choice& c) const {
    std::uint32_t best = c.enabled[0];
    for (std::uint32_t i = 1; i < c.enabled_count; ++i) {
      if (priorities_[c.enabled[i]] > priorities_[best]) best = c.enabled[i];
    }
    return best;
  }

  std::uint64_t seed_;
  std::uint32_t depth_;
  std::uint32_t steps_ = 20;
  std::uint32_t step_ = 0;
  random_stream random_;
  std::vector<std::uint64_t> priorities_;
  std::vector<change> changes_;
  std::size_t next_change_ = 0;
};

}  // namespace

std::unique_ptr<strategy> make_pct(std::uint64_t seed, std::uint32_t depth) { return std::make_unique<pct>(seed, depth); }

}  // namespace ravel::detector::explore
