// What no tag names any more is collected, whatever kind of steps the goroutines make.
#include <gtest/gtest.h>

#include <algorithm>

#include "detector/clock/chain_pool.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/shadow/history.hpp"
#include "detector/shadow/lock_sets.hpp"
#include "tests/detector/scripted_detector.hpp"

namespace ravel::detector {
namespace {

// Two that hand one word to each other at the same two places: each turn begins a segment, and after the first turns no step asks the rule.
TEST(Collection, KeepsSegmentsFewWhereGoroutinesOnlyHandOver) {
  test::scripted_detector d;
  const int a = d.go(-1), b = d.go(a);
  const segment_id before = segment_table::end();
  for (int turn = 0; turn < 200'000; ++turn) {
    ASSERT_FALSE(d.access(a, d.memory(), 8, true, 1));
    d.release(a, 0);
    d.acquire(b, 0);
    ASSERT_FALSE(d.access(b, d.memory(), 8, true, 2));
    d.release(b, 1);
    d.acquire(a, 1);
  }
  EXPECT_LT(segment_table::end() - before, 100'000u);
}

// A server makes locks without end, and takes each of them while it holds another. What is held or recorded stays what it was.
TEST(Collection, KeepsLockSetsFewWhereLocksComeAndGo) {
  test::scripted_detector d;
  const int a = d.go(-1), b = d.go(-1);
  d.lock_acquired(b, 0, false);
  const lock_set_id held_by_b = running()->locks;
  const void* const lock_of_b = lock_sets::at(held_by_b).lock;
  const int c = d.go(-1);  // gave its lock back, but wrote under it
  d.lock_acquired(c, 1, false);
  const lock_set_id recorded = running()->locks;
  const void* const lock_of_c = lock_sets::at(recorded).lock;
  ASSERT_FALSE(d.access(c, d.memory() + 64, 8, true, 1));
  d.lock_released(c, 1, false);
  lock_set_id largest = 0;
  for (int i = 0; i < 200'000; ++i) {
    d.lock_acquired(a, 2 + i, false);
    d.lock_acquired(a, 200'002 + i % 7, false);
    largest = std::max(largest, running()->locks);
    ASSERT_EQ(lock_sets::at(lock_sets::at(running()->locks).others).others, 0u);
    ASSERT_FALSE(d.access(a, d.memory(), 8, true, 2));
    d.lock_released(a, 2 + i, false);
    ASSERT_EQ(lock_sets::at(running()->locks).others, 0u);
    d.lock_released(a, 200'002 + i % 7, false);
    ASSERT_EQ(running()->locks, 0u);
    d.release(a, 2);  // its own segment
  }
  EXPECT_LT(largest, 150'000u);
  d.run(b);
  EXPECT_EQ(running()->locks, held_by_b);
  EXPECT_EQ(lock_sets::at(held_by_b).lock, lock_of_b);
  EXPECT_EQ(lock_sets::at(recorded).lock, lock_of_c);
  d.lock_released(b, 0, false);
  EXPECT_EQ(running()->locks, 0u);
}

// As a server's: they end, one lock orders what they do, and whoever made them never hears of it.
TEST(Collection, ForgetsGoroutinesWhoseEndNobodyHearsOf) {
  test::scripted_detector d;
  const int server = d.go(-1);
  const auto pass = [&](int i) {  // writes, or its chain would be anybody's
    const int g = d.go(server);
    ASSERT_FALSE(d.access(g, d.memory() + 128 + 8 * static_cast<std::uintptr_t>(i), 8, true, 1));
    d.end(g);
  };
  for (int i = 0; i < 100; ++i) pass(i);  // so that `early` shares its group with none that lives
  const int early = d.go(server);
  const chain_id of_early = state_of_view(d.run(early)).clock.chain();
  ASSERT_FALSE(d.access(early, d.memory() + 64, 8, true, 1));
  d.end(early);
  for (int i = 100; i < 200; ++i) pass(i);
  d.reset(d.memory() + 128, 200 * 8);
  int last = early;
  for (int i = 0; i < 100'000; ++i) {
    last = d.go(server);
    d.acquire(last, 0);
    ASSERT_FALSE(d.access(last, d.memory(), 8, true, 2)) << "what came before is known, whatever was forgotten";
    d.release_merge(last, 0);
    if (i + 1 < 100'000) d.end(last);
  }
  EXPECT_TRUE(chain_pool::times_forgotten() != 0);
  EXPECT_FALSE(chain_pool::has_forgotten(of_early)) << "its write is still recorded";
  EXPECT_TRUE(d.access(server, d.memory() + 64, 8, false, 3)) << "and found";
}

}  // namespace
}  // namespace ravel::detector
