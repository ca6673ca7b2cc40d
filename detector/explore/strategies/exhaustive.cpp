// Exhaustive: every class of schedules that differ in the order of conflicting steps, each once. Sleep sets: Godefroid: Partial-order methods
// for the verification of concurrent systems (LNCS 1032, 1996), chapter 5.
//
// Depth first over all enabled goroutines. A goroutine whose step was explored at a node sleeps in the branches after it, until a step that
// conflicts with its own is taken: till then a schedule with it would only repeat one that was run. Complete schedules are exactly one per
// class; a schedule in which all that are enabled sleep is given up, and not counted. Not done yet: source sets (Abdulla et al., POPL 2014),
// which leave out most of those.

#include <algorithm>
#include <vector>

#include "detector/explore/steps.hpp"
#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

class exhaustive final : public strategy {
 public:
  bool begin(std::uint64_t) override {
    if (done_) return false;
    at_ = 0;
    return true;
  }

  std::uint32_t next(const hooks::choice& c) override {
    if (at_ == path_.size()) {
      node n;
      n.is_switch = true;
      if (at_ != 0) inherit_sleep(c, n);
      for (std::uint32_t i = 0; i < c.enabled_count; ++i) {
        if (!is_in(n.sleep, c.enabled[i])) n.alternatives.push_back(c.enabled[i]);
      }
      // Going on first keeps schedules simple.
      const auto current = std::find(n.alternatives.begin(), n.alternatives.end(), c.current);
      if (current != n.alternatives.end()) std::iter_swap(n.alternatives.begin(), current);
      if (n.alternatives.empty()) return give_up;
      path_.push_back(std::move(n));
    }
    node& n = path_[at_++];
    const std::uint32_t who = n.alternatives[n.taken];
    remember_steps(c, n, who);
    return who;
  }

  std::uint32_t choose(std::uint32_t count) override {
    if (at_ == path_.size()) {
      node n;
      for (std::uint32_t i = 0; i < count; ++i) n.alternatives.push_back(i);
      path_.push_back(std::move(n));
    }
    node& n = path_[at_++];
    return n.alternatives[n.taken];
  }

  void learn(const trace&) override {
    path_.resize(at_);
    while (!path_.empty()) {
      node& n = path_.back();
      if (n.is_switch) n.sleep.push_back(n.alternatives[n.taken]);
      if (++n.taken < n.alternatives.size()) break;
      path_.pop_back();
    }
    done_ = path_.empty();
  }

  void remember(std::vector<std::uint32_t>& out) const override {
    const auto put = [&](const std::vector<std::uint32_t>& list) {
      out.push_back(static_cast<std::uint32_t>(list.size()));
      out.insert(out.end(), list.begin(), list.end());
    };
    for (std::size_t i = 0; i < at_; ++i) {
      const node& n = path_[i];
      out.insert(out.end(), {static_cast<std::uint32_t>(n.taken), n.is_switch ? 1u : 0u});
      for (const auto* list : {&n.alternatives, &n.sleep, &n.wakes}) put(*list);
    }
  }
  void recall(const std::vector<std::uint32_t>& in) override {
    path_.clear();
    for (std::size_t at = 0; at < in.size();) {
      node n;
      n.taken = in[at++];
      n.is_switch = in[at++] != 0;
      for (auto* list : {&n.alternatives, &n.sleep, &n.wakes}) {
        const std::size_t size = in[at++];
        list->assign(in.begin() + static_cast<std::ptrdiff_t>(at), in.begin() + static_cast<std::ptrdiff_t>(at + size));
        at += size;
      }
      path_.push_back(std::move(n));
    }
    at_ = path_.size();
  }

  bool exhausted() const override { return done_; }
  bool samples() const override { return false; }

 private:
  struct node {
    std::vector<std::uint32_t> alternatives;
    std::size_t taken = 0;
    std::vector<std::uint32_t> sleep;    // of this node, grown by what was explored
    std::vector<std::uint32_t> wakes;    // which of all goroutines' pending steps conflict with the one taken
    bool is_switch = false;
  };

  static bool is_in(const std::vector<std::uint32_t>& set, std::uint32_t g) { return std::find(set.begin(), set.end(), g) != set.end(); }

  // Pending steps are only known now; the node after this one asks.
  void remember_steps(const hooks::choice& c, node& n, std::uint32_t who) {
    n.wakes.clear();
    for (const std::uint32_t g : n.sleep) {
      if (g == who || conflict(c.all[who].pending, c.all[g].pending)) n.wakes.push_back(g);
    }
  }

  void inherit_sleep(const hooks::choice&, node& n) {
    // Choices of one step lie between two switches.
    std::size_t before = at_;
    while (before != 0 && !path_[before - 1].is_switch) --before;
    if (before == 0) return;
    const node& last = path_[before - 1];
    for (const std::uint32_t g : last.sleep) {
      if (!is_in(last.wakes, g)) n.sleep.push_back(g);
    }
  }

  std::vector<node> path_;
  std::size_t at_ = 0;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<strategy> make_exhaustive() { return std::make_unique<exhaustive>(); }

}  // namespace ravel::detector::explore
