// Points: one name each, taken back when nothing names them, and what happens when there are too many.

#include "detector/shadow/access_points.hpp"

#include <gtest/gtest.h>

#include <set>

#include "detector/shadow/indexed_pool.hpp"

namespace {

using namespace ravel::detector;

constexpr ravel_site sites[2] = {{{"f()", "f.cpp", 1, 1, nullptr}, "x", 8, 0}, {{"g()", "f.cpp", 2, 1, nullptr}, "y", 8, 0}};

access_record record(stack_id stack, int site = 0, lock_set_id locks = 0, access_class kind = access_class::plain_write,
                     access_nature nature = access_nature::memory) {
  return {1, 1, &sites[site], stack, 1, locks, 0xFF, kind, nature, 0};
}

struct points : testing::Test {
  // As the collector does it around its search for what is still named.
  static std::uint8_t begin_collection() {
    const auto epoch = static_cast<std::uint8_t>(3 - collection_epoch.load());
    collection_epoch.store(epoch);
    ++collections;
    return epoch;
  }
  static void end_collection(std::uint8_t epoch) {
    ++collections;
    access_points::sweep(epoch);
  }
  static void free_all() { end_collection(begin_collection()); }
  points() { free_all(); }
  ~points() override { free_all(); }
};

TEST_F(points, of_equal_accesses_are_one) {
  const point_id p = access_points::of(record(5));
  ASSERT_NE(p, 0u);
  access_record later = record(5);
  later.chain = 9;
  later.time = 77;
  later.goroutine = 4;
  later.bytes = 0x0F;
  EXPECT_EQ(access_points::of(later), p) << "who, when and which bytes are not part of it";
  EXPECT_EQ(access_points::at(p).stack, 5u);
  EXPECT_EQ(access_points::at(p).site, &sites[0]);
}

TEST_F(points, differ_in_every_part) {
  const std::set<point_id> all{access_points::of(record(5)),
                               access_points::of(record(6)),
                               access_points::of(record(5, 1)),
                               access_points::of(record(5, 0, 1)),
                               access_points::of(record(5, 0, 0, access_class::plain_read)),
                               access_points::of(record(5, 0, 0, access_class::plain_write, access_nature::free))};
  EXPECT_EQ(all.size(), 6u);
}

TEST_F(points, run_out_and_come_back) {
  for (stack_id s = 1; s < access_points::most; ++s) ASSERT_NE(access_points::of(record(s)), 0u) << s;
  EXPECT_EQ(access_points::of(record(access_points::most)), 0u);
  const point_id kept = access_points::of(record(100));

  const std::uint8_t epoch = begin_collection();
  access_points::mark(kept, epoch);
  const point_id looked_up = access_points::of(record(200));
  end_collection(epoch);

  EXPECT_EQ(access_points::of(record(100)), kept);
  EXPECT_EQ(access_points::of(record(200)), looked_up) << "what is looked up during a collection survives it";
  std::set<point_id> again;
  for (stack_id s = 50'000; s < 50'000 + access_points::most - 3; ++s) again.insert(access_points::of(record(s)));
  EXPECT_EQ(again.size(), access_points::most - 3) << "all others are free";
  EXPECT_FALSE(again.contains(0) || again.contains(kept) || again.contains(looked_up));
  EXPECT_EQ(access_points::of(record(49'999)), 0u);
}

}  // namespace
