// Reads-from guided: Wolff, Shi, Duck, Mathur, Roychoudhury: Greybox fuzzing for concurrency testing (ASPLOS 2024).
//
// An abstract schedule is a set of constraints: this step has to see what that one wrote, or must not. A schedule follows one, with POS (Yuan et
// al., CAV 2018) for everything else; those that brought a pair of writer and reader that was not seen before are kept, and mutated: a constraint
// more, one less, one with another writer, one turned round. A step waits while its writer has not come or, if it must not see it, while nobody
// has written since; between a writer and its reader others that would write wait. When all wait, nobody does.
// Deviations: a step is known by its goroutine, which is known by how it was created, and by how many steps that touch an object it took before,
// not by its place in the program; steps of locks and channels read and write like others; each kept schedule is as likely to be taken.

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "detector/explore/steps.hpp"
#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

class rf final : public strategy {
 public:
  explicit rf(std::uint64_t seed) : seed_(seed) {}

  bool begin(std::uint64_t number) override {
    random_ = random_stream(seed_, number);
    alive_.clear();
    writers_.clear();
    wanted_ = kept_.empty() ? std::vector<constraint>() : kept_[random_.below(static_cast<std::uint32_t>(kept_.size()))];
    if (!kept_.empty()) mutate();
    return true;
  }

  std::uint32_t next(const hooks::choice& c) override {
    for (auto g = static_cast<std::uint32_t>(alive_.size()); g < c.count; ++g) born(c, g);
    std::uint32_t best = nobody;
    for (const bool all_wait : {false, true}) {
      for (std::uint32_t i = 0; i < c.enabled_count; ++i) {
        const std::uint32_t g = c.enabled[i];
        if (!all_wait && has_to_wait(c, g)) continue;
        if (best == nobody || alive_[g].priority > alive_[best].priority) best = g;
      }
      if (best != nobody) break;
    }
    const hooks::step& taken = c.all[best].pending;
    for (std::uint32_t i = 0; i < c.enabled_count; ++i) {
      const std::uint32_t g = c.enabled[i];
      if (g == best || conflict(taken, c.all[g].pending)) alive_[g].priority = random_.next();
    }
    if (taken.how != hooks::touch::nothing) {
      const std::uint64_t step = step_of(alive_[best].name, alive_[best].steps++);
      for (constraint& w : wanted_) w.came = w.came || w.reader == step;
      if (writes(taken.how)) writers_[taken.object] = step;
    }
    return best;
  }

  std::uint32_t choose(std::uint32_t n) override { return random_.below(n); }

  void learn(const trace& t) override {
    std::vector<living> all(t.goroutines);
    std::unordered_map<const void*, std::vector<std::uint64_t>> written;  // by whom, in order
    bool is_new = false;
    for (const event& e : t.events) {
      if (e.is == event::type::created) {
        all[e.who].name = e.who == 0 ? 1 : e.from == e.who ? mix(e.who + 77) : name_of_child(all[e.from].name, all[e.from].children++);
      } else if (e.is == event::type::step && e.how != hooks::touch::nothing) {
        const std::uint64_t step = step_of(all[e.who].name, all[e.who].steps++);
        std::vector<std::uint64_t>& by = written[e.object];
        is_new = seen_.insert(mix(step ^ mix(by.empty() ? start : by.back()))).second || is_new;
        note(step, by.empty() ? start : by.back());
        if (writes(e.how)) by.push_back(step);
        touched_.push_back({step, e.object});
      }
    }
    // Whoever reads an object might see any of its writers.
    for (const auto& [step, object] : touched_) {
      const auto by = written.find(object);
      for (std::size_t i = 0; by != written.end() && i < by->second.size() && i < most_writers; ++i) {
        if (by->second[i] != step) note(step, by->second[i]);
      }
    }
    touched_.clear();
    if (is_new && kept_.size() < most_kept) {
      kept_.push_back(wanted_);
      for (constraint& w : kept_.back()) w.came = false;
    }
  }

 private:
  static constexpr std::uint32_t nobody = 0xFFFFFFFF;
  static constexpr std::uint64_t start = 0;   // what nobody has written yet
  static constexpr std::size_t most_kept = 256, most_writers = 64, most_pairs = 4096, most_constraints = 6;
  struct living {
    std::uint64_t name = 0, priority = 0;
    std::uint32_t steps = 0, children = 0;
  };
  struct constraint {
    std::uint64_t reader = 0, writer = 0;
    bool must = true;
    bool came = false;   // the reader, in this schedule
  };

  static bool writes(hooks::touch how) { return how == hooks::touch::writes || how == hooks::touch::adds; }
  static std::uint64_t name_of_child(std::uint64_t parent, std::uint32_t nth) { return mix(parent * 31 + nth + 1); }
  static std::uint64_t step_of(std::uint64_t name, std::uint32_t nth) { return mix(name + nth * 0x9E3779B97F4A7C15ull) | 1; }

  void born(const hooks::choice& c, std::uint32_t g) {
    living mine;
    const std::uint32_t parent = c.all[g].parent;
    mine.name = g == 0 ? 1 : parent == g ? mix(g + 77) : name_of_child(alive_[parent].name, c.all[g].nth_child);
    mine.priority = random_.next();
    alive_.push_back(mine);
  }

  std::uint64_t writer_of(const void* object) const {
    const auto at = writers_.find(object);
    return at == writers_.end() ? start : at->second;
  }

  bool has_to_wait(const hooks::choice& c, std::uint32_t g) const {
    const hooks::step& pending = c.all[g].pending;
    if (wanted_.empty() || pending.how == hooks::touch::nothing) return false;
    const std::uint64_t mine = step_of(alive_[g].name, alive_[g].steps), last = writer_of(pending.object);
    for (const constraint& w : wanted_) {
      if (w.came) continue;
      if (w.reader == mine) {
        if ((last == w.writer) != w.must) return true;
      } else if (w.must && last == w.writer && writes(pending.how) && w.writer != start) {
        return true;
      }
    }
    return false;
  }

  void note(std::uint64_t reader, std::uint64_t writer) {
    if (pairs_.size() < most_pairs && known_.insert(mix(reader + 3 * mix(writer))).second) pairs_.push_back({reader, writer, true, false});
  }

  void mutate() {
    const std::uint32_t how = random_.below(4);
    for (constraint& w : wanted_) w.came = false;
    if (wanted_.empty() || (how == 0 && wanted_.size() < most_constraints)) {
      wanted_.push_back(pairs_[random_.below(static_cast<std::uint32_t>(pairs_.size()))]);
      wanted_.back().must = random_.below(4) != 0;
      return;
    }
    const std::uint32_t at = random_.below(static_cast<std::uint32_t>(wanted_.size()));
    if (how == 1) wanted_[at] = pairs_[random_.below(static_cast<std::uint32_t>(pairs_.size()))];
    else if (how == 2) wanted_[at].must = !wanted_[at].must;
    else wanted_.erase(wanted_.begin() + at);
  }

  std::uint64_t seed_;
  random_stream random_;
  std::vector<living> alive_;
  std::unordered_map<const void*, std::uint64_t> writers_;
  std::vector<constraint> wanted_;

  std::vector<std::vector<constraint>> kept_;
  std::vector<constraint> pairs_;
  std::unordered_set<std::uint64_t> seen_, known_;
  std::vector<std::pair<std::uint64_t, const void*>> touched_;
};

}  // namespace

std::unique_ptr<strategy> make_rf(std::uint64_t seed) { return std::make_unique<rf>(seed); }

}  // namespace ravel::detector::explore
