#include <gtest/gtest.h>

#include <ravel/ravel.hpp>

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
