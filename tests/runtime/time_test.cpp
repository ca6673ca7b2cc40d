#include <gtest/gtest.h>

#include <ravel/ravel.hpp>
#include <vector>

#include "allocations.hpp"

namespace {

using namespace std::chrono_literals;

TEST(sleep, lasts_at_least_as_long_as_asked) {
  const auto start = ravel::clock::now();
  ravel::sleep_for(5ms);
  EXPECT_GE(ravel::clock::now() - start, 5ms);
}

TEST(timers, fire_in_order_of_deadline) {
  auto late = ravel::after(20ms), early = ravel::after(1ms);
  EXPECT_EQ(ravel::select(ravel::on_recv(late), ravel::on_recv(early)), 1u);
  EXPECT_TRUE(late.recv().has_value());
}

TEST(timers, after_that_nobody_waits_for_any_more_allocates_nothing) {
  if (!allocations_are_counted) GTEST_SKIP();
  auto c = ravel::make_chan<int>(1);
  const auto turn = [&] {
    c << 1;
    ravel::select(ravel::on_recv(c), ravel::on_recv(ravel::after(1h)));
  };
  for (int i = 0; i < 1000; ++i) turn();
  const long before = allocations_here();
  for (int i = 0; i < 1000; ++i) turn();
  EXPECT_EQ(allocations_here(), before);
}

TEST(timers, after_keeps_its_value_for_the_handles_that_are_left) {
  auto last = ravel::after(1ms);
  { const auto copy = last; ravel::sleep_for(2ms); }
  { const auto copy = last; }
  EXPECT_TRUE(last.recv().has_value());
  EXPECT_EQ(last.len(), 0u);
}

TEST(timers, after_may_be_given_up_at_any_moment_by_anybody) {
  ravel::wait_group wg;
  std::atomic<int> fired = 0;
  for (int g = 0; g < 8; ++g) {
    wg.go([&, g] {
      std::vector<ravel::recv_chan<ravel::clock::time_point>> some;
      for (int i = 0; i < 2000; ++i) {
        some.push_back(ravel::after(std::chrono::microseconds((i * 7 + g) % 60)));
        if (i % 3 == 0) some.erase(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2));
        if (i % 5 == 0 && !some.empty()) wg.go([c = some.back(), &fired] { fired += c.recv().has_value(); });
        if (some.size() > 20) some.clear();
        if (i % 11 == 0) ravel::yield();
      }
    });
  }
  wg.wait();
  EXPECT_GT(fired, 0);
}

TEST(timers, stop_leaves_no_stale_value) {
  ravel::timer t(1h);
  EXPECT_TRUE(t.stop());
  EXPECT_FALSE(t.stop());
  t.reset(1ms);
  EXPECT_TRUE(t.c().recv().has_value());
  EXPECT_FALSE(t.stop());
}

TEST(timers, after_func_runs_in_its_own_goroutine) {
  auto c = ravel::make_chan<std::uint64_t>();
  ravel::timer t = ravel::after_func(1ms, [c] { c << ravel::this_goroutine_id(); });
  EXPECT_NE(c.recv(), ravel::this_goroutine_id());
}

TEST(tickers, tick_until_stopped) {
  ravel::ticker t(1ms);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(t.c().recv().has_value());
  t.stop();
  EXPECT_EQ(ravel::select(ravel::on_recv(t.c()), ravel::on_default()), 1u);
  EXPECT_THROW(ravel::ticker(0ms), ravel::panic_error);
}

TEST(sleep, ten_thousand_sleepers_wake) {
  ravel::wait_group wg;
  int woken = 0;
  for (int i = 0; i < 10000; ++i) wg.go([&] { ravel::sleep_for(1ms); __atomic_fetch_add(&woken, 1, __ATOMIC_RELAXED); });
  wg.wait();
  EXPECT_EQ(woken, 10000);
}

}  // namespace
