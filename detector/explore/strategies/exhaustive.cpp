// Exhaustive: every class of schedules that differ in the order of conflicting steps, each once. Source sets with sleep sets: Abdulla, Aronis,
// Jonsson, Sagonas: Optimal dynamic partial order reduction (POPL 2014), algorithm 1; Godefroid: LNCS 1032 (1996), chapter 5.
//
// Depth first. At each node one goroutine goes on; another does only where a schedule below has shown two steps that could have come the other way
// round (reversals.hpp). A goroutine whose step was explored at a node sleeps in the branches after it, until a step that conflicts with its own
// is taken: till then a schedule with it would only repeat one that was run. Complete schedules are exactly one per class; a schedule in which
// all that are enabled sleep is given up, and not counted.
//
// The algorithm is proven for programs in which every step that is announced is taken in the end. Where one was not (a deadlock, a leak, a panic,
// a limit), or where who would have to go first could not, all that are enabled are explored at the nodes concerned, as sleep sets alone would.

#include <algorithm>
#include <vector>

#include "detector/explore/steps.hpp"
#include "detector/explore/strategies/reversals.hpp"
#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

class exhaustive final : public strategy {
 public:
  bool begin(std::uint64_t) override {
    if (done_) return false;
    at_ = 0;
    gave_up_ = false;
    return true;
  }

  std::uint32_t next(const hooks::choice& c) override {
    if (at_ == path_.size()) {
      node n;
      n.is_switch = true;
      if (at_ != 0) inherit_sleep(c, n);
      for (std::uint32_t i = 0; i < c.enabled_count; ++i) {
        if (!is_in(n.sleep, c.enabled[i])) n.enabled.push_back(c.enabled[i]);
      }
      if (n.enabled.empty()) {
        gave_up_ = true;
        return give_up;
      }
      // Going on first keeps schedules simple.
      n.alternatives.push_back(is_in(n.enabled, c.current) ? c.current : n.enabled[0]);
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

  void learn(const trace& t) override {
    path_.resize(at_);
    add_alternatives(t);
    while (!path_.empty()) {
      node& n = path_.back();
      if (n.is_switch) n.sleep.push_back(n.alternatives[n.taken]);
      if (++n.taken < n.alternatives.size()) break;
      path_.pop_back();
    }
    done_ = path_.empty();
    known_ = done_ ? 0 : path_.size() - 1;
  }

  void remember(std::vector<std::uint32_t>& out) const override {
    const auto put = [&](const std::vector<std::uint32_t>& list) {
      out.push_back(static_cast<std::uint32_t>(list.size()));
      out.insert(out.end(), list.begin(), list.end());
    };
    out.push_back(gave_up_ ? 1 : 0);
    for (std::size_t i = 0; i < at_; ++i) {
      const node& n = path_[i];
      out.insert(out.end(), {static_cast<std::uint32_t>(n.taken), n.is_switch ? 1u : 0u});
      for (const auto* list : {&n.alternatives, &n.sleep, &n.wakes, &n.enabled}) put(*list);
    }
  }
  void recall(const std::vector<std::uint32_t>& in) override {
    path_.clear();
    gave_up_ = !in.empty() && in[0] != 0;
    for (std::size_t at = 1; at < in.size();) {
      node n;
      n.taken = in[at++];
      n.is_switch = in[at++] != 0;
      for (auto* list : {&n.alternatives, &n.sleep, &n.wakes, &n.enabled}) {
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
    std::vector<std::uint32_t> alternatives;  // to be explored, in this order
    std::size_t taken = 0;
    std::vector<std::uint32_t> sleep;    // of this node, grown by what was explored
    std::vector<std::uint32_t> wakes;    // which of all goroutines' pending steps conflict with the one taken
    std::vector<std::uint32_t> enabled;  // those that did not sleep when the node was made
    bool is_switch = false;
  };

  static bool is_in(const std::vector<std::uint32_t>& set, std::uint32_t g) { return std::find(set.begin(), set.end(), g) != set.end(); }

  void add_alternatives(const trace& t) {
    switches_.clear();
    std::uint32_t from = 0;  // the first step that is new in this schedule
    for (std::size_t i = 0; i < path_.size(); ++i) {
      if (!path_[i].is_switch) continue;
      from += i < known_;
      switches_.push_back(i);
    }
    const auto steps = std::count_if(t.events.begin(), t.events.end(), [](const event& e) { return e.is == event::type::step; });
    const bool as_before = static_cast<std::size_t>(steps) == switches_.size();  // else the program is not deterministic
    static const std::vector<reversal> none;
    for (const reversal& r : as_before ? reversals_.of(t, from) : none) {
      node& n = path_[switches_[r.first]];
      const auto tried = [&n](std::uint32_t g) { return is_in(n.alternatives, g) || is_in(n.sleep, g); };
      if (std::any_of(r.initials.begin(), r.initials.end(), tried)) continue;
      const auto can = std::find_if(r.initials.begin(), r.initials.end(), [&n](std::uint32_t g) { return is_in(n.enabled, g); });
      if (can != r.initials.end()) n.alternatives.push_back(*can);
      else add_all(n);
    }
    if (as_before && (t.all_ended || gave_up_)) return;
    for (const std::size_t i : switches_) add_all(path_[i]);
  }

  static void add_all(node& n) {
    for (const std::uint32_t g : n.enabled) {
      if (!is_in(n.alternatives, g)) n.alternatives.push_back(g);
    }
  }

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
  std::size_t known_ = 0;              // so many nodes at the path's beginning are as they were in the schedule before
  std::vector<std::size_t> switches_;  // where in the path the steps are
  reversals reversals_;
  bool gave_up_ = false;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<strategy> make_exhaustive() { return std::make_unique<exhaustive>(); }

}  // namespace ravel::detector::explore
