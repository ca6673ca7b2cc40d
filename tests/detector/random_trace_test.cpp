// The real detector against the reference: random traces of events, the same verdict for each access.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "detector/race/collector.hpp"
#include "reference_detector.hpp"
#include "runtime/abi/ravel_abi.h"
#include "scripted_detector.hpp"

namespace ravel::test {
namespace {

using detector::access_class;

struct trace_shape {
  int events;
  int goroutines;
  int objects;
  std::size_t memory;      // bytes that are fought over
  int sync_percent;
  int collect_every;       // 0: never
};

class both {
 public:
  explicit both(std::uint64_t seed, const trace_shape& shape) : random_(seed), shape_(shape) { start(-1); }

  // Empty when both agreed throughout.
  std::string run() {
    for (int i = 0; i < shape_.events; ++i) {
      if (shape_.collect_every != 0 && i % shape_.collect_every == 0) detector::collect();
      if (std::string difference = step(); !difference.empty()) return "event " + std::to_string(i) + ": " + difference;
    }
    return "";
  }
  int races() const { return races_; }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  int alive() { return live_[static_cast<std::size_t>(pick(static_cast<int>(live_.size())))]; }

  void start(int parent) {
    const int r = reference_.start(parent);
    const int d = real_.go(parent);
    ASSERT_EQ(r, d);
    live_.push_back(d);
  }

  std::string step() {
    if (pick(100) < shape_.sync_percent) {
      synchronise();
      return "";
    }
    return access();
  }

  void synchronise() {
    const int g = alive(), o = pick(shape_.objects);
    if (pick(3) == 0) {
      use_lock(g, pick(locks));
      return;
    }
    if (pick(12) == 0) {  // race::release at an atomic's address: its clock changes, its accesses do not
      const std::uintptr_t p = real_.memory() + 248 + static_cast<std::uintptr_t>(pick(static_cast<int>(shape_.memory)) / 8 * 8);
      real_.annotate_release(g, p);
      reference_.atomic(g, p, false, true, false, true);
      return;
    }
    switch (pick(12)) {
      case 0: case 1: real_.acquire(g, o); reference_.acquire(g, o); break;
      case 2: case 3: real_.release(g, o); reference_.release(g, o); break;
      case 4: real_.release_merge(g, o); reference_.release_merge(g, o); break;
      case 5: real_.exchange(g, o); reference_.exchange(g, o); break;
      case 6: case 7: {
        const int peer = alive();
        if (peer == g) break;
        if (pick(2) == 0) { real_.rendezvous(g, peer); reference_.rendezvous(g, peer); }
        else { real_.handoff(g, peer); reference_.handoff(g, peer); }
        break;
      }
      case 8: real_.forget(o); reference_.forget(o); break;
      case 9:
        if (static_cast<int>(live_.size()) < shape_.goroutines) start(g);
        break;
      case 10:
        if (live_.size() > 1 && !holds_any(g)) {
          real_.end(g);
          std::erase(live_, g);
        }
        break;
      default: {
        const bool acquires = pick(2) == 0;
        real_.fence(g, acquires ? RAVEL_ORDER_ACQUIRE : RAVEL_ORDER_RELEASE);
        reference_.fence(g, acquires, !acquires);
        break;
      }
    }
  }

  // As rw_mutex does it, which has a mutex's events among its own: what readers let go of goes to the second object.
  void use_lock(int g, int number) {
    lock& l = locks_[number];
    const int writers = shape_.objects + 2 * number, readers = writers + 1;
    if (l.writer == g) {
      real_.release(g, writers);
      reference_.release(g, writers);
      l.writer = -1;
    } else if (std::erase(l.readers, g) != 0) {
      real_.release_merge(g, readers);
      reference_.release_merge(g, readers);
    } else if (l.writer == -1 && l.readers.empty() && pick(2) == 0) {
      real_.retaken(g, writers);
      for (const int o : {writers, readers}) {
        real_.acquire(g, o);
        reference_.acquire(g, o);
      }
      real_.forget(readers);
      reference_.forget(readers);
      l.writer = g;
    } else if (l.writer == -1) {
      real_.retaken(g, readers);
      real_.acquire(g, writers);
      reference_.acquire(g, writers);
      l.readers.push_back(g);
    }
  }
  bool holds_any(int g) const {
    return std::any_of(std::begin(locks_), std::end(locks_), [g](const lock& l) { return l.writer == g || std::ranges::count(l.readers, g) != 0; });
  }

  std::string access() {
    const int g = alive();
    const std::uintptr_t base = real_.memory() + 248;  // across the border of two blocks
    if (pick(40) == 0) {
      const std::size_t at = static_cast<std::size_t>(pick(static_cast<int>(shape_.memory) / 8)) * 8;
      real_.reset(base + at, 8);
      reference_.reset(base + at, 8);
      return "";
    }
    if (pick(6) == 0) return atomic(g, base);
    static constexpr std::size_t sizes[] = {1, 1, 2, 4, 4, 4, 8, 8, 16, 3, 13, 32};
    const std::size_t size = std::min(sizes[pick(12)], shape_.memory);
    const std::uintptr_t p = base + static_cast<std::uintptr_t>(pick(static_cast<int>(shape_.memory - size) + 1));
    const bool write = pick(3) == 0;
    const bool expected = reference_.access(g, p, size, write ? access_class::plain_write : access_class::plain_read);
    const bool found = real_.access(g, p, size, write);
    after_verdict(expected);
    if (expected == found) return "";
    return std::string(expected ? "missed a race" : "false alarm") + " of goroutine " + std::to_string(g) + (write ? " writing " : " reading ") +
           std::to_string(size) + " bytes at +" + std::to_string(p - base);
  }

  std::string atomic(int g, std::uintptr_t base) {
    static constexpr std::uint32_t orders[] = {RAVEL_ORDER_RELAXED, RAVEL_ORDER_ACQUIRE, RAVEL_ORDER_RELEASE, RAVEL_ORDER_ACQ_REL};
    const std::uint32_t size = 1u << pick(4);
    const std::uintptr_t p = base + static_cast<std::uintptr_t>(pick(static_cast<int>(shape_.memory / size))) * size;
    const auto kind = static_cast<std::uint32_t>(pick(3));
    const std::uint32_t order = orders[pick(4)];
    const bool acquires = order == RAVEL_ORDER_ACQUIRE || order == RAVEL_ORDER_ACQ_REL;
    const bool releases = order == RAVEL_ORDER_RELEASE || order == RAVEL_ORDER_ACQ_REL;
    const bool expected = reference_.access(g, p, size, kind == RAVEL_ATOMIC_LOAD ? access_class::atomic_read : access_class::atomic_write);
    reference_.atomic(g, p, kind != RAVEL_ATOMIC_STORE, kind != RAVEL_ATOMIC_LOAD, acquires, releases);
    const bool found = real_.atomic(g, p, size, kind, order);
    after_verdict(expected);
    if (expected == found) return "";
    return std::string(expected ? "missed a race" : "false alarm") + " of an atomic operation of goroutine " + std::to_string(g);
  }

  // The promise is the first race of every byte; a repeated access of a racy stretch may pass. So a race ends the memory's life.
  void after_verdict(bool race) {
    if (!race) return;
    ++races_;
    real_.reset(real_.memory() + 248, shape_.memory);
    reference_.reset(real_.memory() + 248, shape_.memory);
  }

  std::mt19937_64 random_;
  trace_shape shape_;
  scripted_detector real_;
  reference_detector reference_;
  std::vector<int> live_;
  struct lock { int writer = -1; std::vector<int> readers; };
  static constexpr int locks = 2;
  lock locks_[locks];
  int races_ = 0;
};

void expect_agreement(const trace_shape& shape, int traces) {
  long races = 0;
  for (int seed = 1; seed <= traces; ++seed) {
    both pair(static_cast<std::uint64_t>(seed), shape);
    const std::string difference = pair.run();
    ASSERT_EQ(difference, "") << "seed " << seed;
    races += pair.races();
  }
  EXPECT_GT(races, 0) << "traces without a race prove little";
}

TEST(random_traces, agree_when_everything_is_ordered_often) { expect_agreement({200, 6, 3, 40, 60, 0}, 3000); }
TEST(random_traces, agree_when_little_is_ordered) { expect_agreement({120, 8, 2, 24, 15, 0}, 3000); }
TEST(random_traces, agree_on_one_granule) { expect_agreement({300, 4, 2, 8, 40, 0}, 2000); }
TEST(random_traces, agree_with_many_goroutines) { expect_agreement({600, 100, 10, 64, 50, 0}, 300); }
TEST(random_traces, agree_when_few_use_locks_often) { expect_agreement({300, 3, 1, 24, 50, 0}, 3000); }
TEST(random_traces, agree_while_histories_are_collected) { expect_agreement({300, 6, 3, 40, 40, 7}, 100); }

// Loads that need no lock are those of a segment that has looked there before, which random traces hardly make.
void look_often(scripted_detector& d, int g, std::uintptr_t flag, std::uint32_t order) {
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(d.atomic(g, flag, 8, RAVEL_ATOMIC_LOAD, order));
}

TEST(atomic_loads, learn_what_was_released_since_they_looked_last) {
  scripted_detector d;
  const int a = d.go(-1), b = d.go(-1);
  const std::uintptr_t flag = d.memory(), x = flag + 512;
  look_often(d, b, flag, RAVEL_ORDER_ACQUIRE);
  d.write(a, x);
  d.annotate_release(a, flag);
  look_often(d, b, flag, RAVEL_ORDER_ACQUIRE);
  EXPECT_FALSE(d.write(b, x));
}

TEST(atomic_loads, with_acquire_learn_what_relaxed_ones_only_saw) {
  scripted_detector d;
  const int a = d.go(-1), b = d.go(-1);
  const std::uintptr_t flag = d.memory(), x = flag + 512, y = flag + 520;
  d.write(a, x);
  d.write(a, y);
  d.annotate_release(a, flag);
  look_often(d, b, flag, RAVEL_ORDER_RELAXED);
  EXPECT_TRUE(d.write(b, x));
  look_often(d, b, flag, RAVEL_ORDER_ACQUIRE);
  EXPECT_FALSE(d.write(b, y));
}

}  // namespace
}  // namespace ravel::test
