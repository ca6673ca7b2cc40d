// SURW: Zhao et al.: Selectively uniform concurrency testing (ASPLOS 2025), over URW's counting of what each goroutine has still to do.
//
// Each schedule picks one object; the steps that touch it are interesting. Which goroutine makes the next interesting step is drawn with
// the weights of how many such steps each has left, itself and through those it has still to start, so that all orders of interesting steps
// are about equally likely. Other steps go by a random priority each. A goroutine that comes to an interesting step out of turn is held;
// when all are held or cannot go on, the intended one is drawn anew.
// Deviations: counts are means over all schedules so far, not one profiling run, which a goroutine that returned early would spoil for good;
// goroutines are matched between schedules by how they were created; objects by address, which re-execution keeps mostly the same.

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

bool touches(const hooks::step& s, const void* object) {
  if (s.how == hooks::touch::nothing) return false;
  if (s.object == object) return true;
  for (std::uint32_t i = 0; i < s.more_count; ++i) {
    if (s.more[i] == object) return true;
  }
  return false;
}

class surw final : public strategy {
 public:
  explicit surw(std::uint64_t seed) : seed_(seed) {}

  bool begin(std::uint64_t number) override {
    random_ = random_stream(seed_, number);
    alive_.clear();
    intended_ = nobody;
    object_ = objects_.empty() ? nullptr : objects_[random_.below(static_cast<std::uint32_t>(objects_.size()))].object;
    return true;
  }

  std::uint32_t next(const hooks::choice& c) override {
    for (auto g = static_cast<std::uint32_t>(alive_.size()); g < c.count; ++g) born(c, g);
    if (object_ != nullptr && (intended_ == nobody || !has_more(intended_))) draw_intended(c);
    for (int again = 0; again < 2; ++again) {
      std::uint32_t best = nobody;
      for (std::uint32_t i = 0; i < c.enabled_count; ++i) {
        const std::uint32_t g = c.enabled[i];
        if (is_held(c, g)) continue;
        if (best == nobody || alive_[g].priority > alive_[best].priority) best = g;
      }
      if (best != nobody) return take(c, best);
      draw_among_held(c);
    }
    return take(c, c.enabled[0]);
  }

  std::uint32_t choose(std::uint32_t n) override { return random_.below(n); }

  void learn(const trace& t) override {
    names_.assign(t.goroutines, 0);
    children_.assign(t.goroutines, 0);
    parents_.assign(t.goroutines, 0);
    std::unordered_map<std::uint64_t, std::uint32_t> steps;   // of this trace, by goroutine and object
    for (const event& e : t.events) {
      if (e.is == event::type::created) {
        parents_[e.who] = e.from;
        names_[e.who] = e.who == 0 ? 1 : e.from == e.who ? mix(e.who + 77) : name_of_child(names_[e.from], children_[e.from]++);
      } else if (e.is == event::type::step && e.how != hooks::touch::nothing) {
        note(e.object);
        for (std::uint32_t g = e.who;; g = parents_[g]) {   // its own, and its ancestors' through it
          ++steps[key(names_[g], e.object)];
          if (g == parents_[g]) break;
        }
      }
    }
    for (const auto& [k, n] : steps) {
      mean& m = left_[k];
      m.sum += n;
      ++m.count;
    }
    // What a goroutine of this name has never done counts as nothing; what it did not do this time is rare and left out of the mean.
    forget_rare_objects();
  }

 private:
  static constexpr std::uint32_t nobody = 0xFFFFFFFF;
  struct living {
    std::uint64_t name = 0;
    std::uint64_t priority = 0;
    double left = 0;        // interesting steps, with those of children that are not started yet
    std::uint32_t parent = 0;
    std::uint32_t children = 0;
  };
  struct mean {
    double sum = 0;
    double count = 0;
  };
  struct touched {
    const void* object;
    std::uint64_t times;
    std::uint64_t last_seen;
  };

  static std::uint64_t name_of_child(std::uint64_t parent, std::uint32_t nth) { return mix(parent * 31 + nth + 1); }
  static std::uint64_t key(std::uint64_t name, const void* object) { return mix(name ^ mix(reinterpret_cast<std::uintptr_t>(object))); }

  void born(const hooks::choice& c, std::uint32_t g) {
    living mine;
    mine.parent = c.all[g].parent;
    mine.name = g == 0 ? 1 : mine.parent == g ? mix(g + 77) : name_of_child(alive_[mine.parent].name, c.all[g].nth_child);
    mine.priority = random_.next();
    if (object_ != nullptr) {
      const auto at = left_.find(key(mine.name, object_));
      mine.left = at == left_.end() ? 0 : at->second.sum / at->second.count;
      if (g != 0 && mine.parent != g) {
        // The parent's weight held the child's; if the next was meant to be the parent's, it may be the child's now.
        living& parent = alive_[mine.parent];
        if (intended_ == mine.parent && parent.left > 0 && random_.unit() < mine.left / std::max(parent.left, mine.left)) intended_ = g;
        parent.left = std::max(0.0, parent.left - mine.left);
      }
    }
    alive_.push_back(mine);
  }

  bool has_more(std::uint32_t g) const { return alive_[g].left > 0.25; }
  bool is_held(const hooks::choice& c, std::uint32_t g) const {
    return object_ != nullptr && intended_ != nobody && g != intended_ && touches(c.all[g].pending, object_);
  }

  void draw_intended(const hooks::choice& c) {
    double all = 0;
    for (std::uint32_t g = 0; g < c.count; ++g) {
      if (c.all[g].is != hooks::controlled_goroutine::condition::ended) all += alive_[g].left;
    }
    intended_ = nobody;
    double at = random_.unit() * all;
    for (std::uint32_t g = 0; g < c.count && all > 0; ++g) {
      if (c.all[g].is == hooks::controlled_goroutine::condition::ended || alive_[g].left <= 0) continue;
      intended_ = g;
      if ((at -= alive_[g].left) < 0) break;
    }
  }

  // The intended one is blocked, or counts were wrong: one of those that wait for their turn has it.
  void draw_among_held(const hooks::choice& c) {
    double all = 0;
    for (std::uint32_t i = 0; i < c.enabled_count; ++i) all += std::max(alive_[c.enabled[i]].left, 0.5);
    double at = random_.unit() * all;
    for (std::uint32_t i = 0; i < c.enabled_count; ++i) {
      intended_ = c.enabled[i];
      if ((at -= std::max(alive_[intended_].left, 0.5)) < 0) return;
    }
  }

  std::uint32_t take(const hooks::choice& c, std::uint32_t g) {
    alive_[g].priority = random_.next();
    if (object_ != nullptr && touches(c.all[g].pending, object_)) {
      alive_[g].left = std::max(0.0, alive_[g].left - 1);
      intended_ = nobody;
    }
    return g;
  }

  void note(const void* object) {
    ++learnt_;
    for (touched& t : objects_) {
      if (t.object == object) {
        ++t.times;
        t.last_seen = learnt_;
        return;
      }
    }
    if (objects_.size() < most_objects) objects_.push_back({object, 1, learnt_});
  }

  // Addresses that were used once, in some schedule long ago, would waste schedules.
  void forget_rare_objects() {
    if (++schedules_ % 64 != 0) return;
    std::erase_if(objects_, [&](const touched& t) { return learnt_ - t.last_seen > learnt_ / 2 || (t.times < 4 && schedules_ > 256); });
  }

  static constexpr std::size_t most_objects = 256;

  std::uint64_t seed_;
  random_stream random_;
  std::vector<living> alive_;
  const void* object_ = nullptr;
  std::uint32_t intended_ = nobody;

  std::vector<touched> objects_;
  std::unordered_map<std::uint64_t, mean> left_;
  std::uint64_t learnt_ = 0, schedules_ = 0;
  std::vector<std::uint64_t> names_;
  std::vector<std::uint32_t> children_, parents_;
};

}  // namespace

std::unique_ptr<strategy> make_surw(std::uint64_t seed) { return std::make_unique<surw>(seed); }

}  // namespace ravel::detector::explore
