// What no tag names any more is collected, whatever kind of steps the goroutines make.
#include <gtest/gtest.h>

#include "detector/shadow/history.hpp"
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

}  // namespace
}  // namespace ravel::detector
