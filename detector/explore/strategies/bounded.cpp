// Preemption-bounded sweep: Musuvathi, Qadeer: Iterative context bounding for systematic testing of multithreaded programs (PLDI 2007).
//
// Depth first through all schedules with at most so many preemptions: going on is free, and so is whoever comes when the goroutine that ran
// cannot go on; anybody else costs one. Other choices are swept too. Nothing is drawn at random.

#include <algorithm>
#include <vector>

#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

class bounded final : public strategy {
 public:
  explicit bounded(std::uint32_t most) : most_(most) {}

  bool begin(std::uint64_t) override {
    if (done_) return false;
    at_ = 0;
    spent_ = 0;
    return true;
  }

  std::uint32_t next(const hooks::choice& c) override {
    const bool goes_on = c.all[c.current].is == hooks::controlled_goroutine::condition::enabled;
    const std::uint32_t affordable = goes_on && spent_ >= most_ ? 1 : c.enabled_count;
    const std::uint32_t taken = decide(affordable);
    if (!goes_on) return c.enabled[taken];
    if (taken == 0) return c.current;
    ++spent_;
    std::uint32_t nth = taken;  // of the others
    for (std::uint32_t i = 0; i < c.enabled_count; ++i) {
      if (c.enabled[i] != c.current && --nth == 0) return c.enabled[i];
    }
    __builtin_unreachable();
  }

  std::uint32_t choose(std::uint32_t n) override { return decide(n); }

  void learn(const trace&) override {
    path_.resize(at_);
    while (!path_.empty() && path_.back().taken + 1 >= path_.back().of) path_.pop_back();
    if (path_.empty()) done_ = true;
    else ++path_.back().taken;
  }

  void remember(std::vector<std::uint32_t>& out) const override {
    for (std::size_t i = 0; i < at_; ++i) out.insert(out.end(), {path_[i].taken, path_[i].of});
  }
  void recall(const std::vector<std::uint32_t>& in) override {
    path_.clear();
    for (std::size_t i = 0; i + 1 < in.size(); i += 2) path_.push_back({in[i], in[i + 1]});
    at_ = path_.size();
  }

  bool exhausted() const override { return done_; }
  bool samples() const override { return false; }

 private:
  struct node {
    std::uint32_t taken, of;
  };

  std::uint32_t decide(std::uint32_t of) {
    if (at_ == path_.size()) path_.push_back({0, of});
    node& n = path_[at_++];
    n.of = of;
    return std::min(n.taken, of - 1);  // smaller than before only in a program that is not deterministic
  }

  std::uint32_t most_;
  std::uint32_t spent_ = 0;
  std::size_t at_ = 0;
  std::vector<node> path_;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<strategy> make_bounded(std::uint32_t preemptions) { return std::make_unique<bounded>(preemptions); }

}  // namespace ravel::detector::explore
