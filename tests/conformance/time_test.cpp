// What Go's tests of sleeping, timers and tickers fix (time/sleep_test.go and tick_test.go of Go 1.19, and of Go 1.23 for channels that keep
// no stale value). Lower bounds and orders only: how late a machine may be is nobody's promise.

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "outcome.hpp"

namespace {

using namespace ravel;
using namespace std::chrono_literals;

TEST(times, sleep_lasts_as_long_as_asked_and_not_at_all_when_negative) {
  const auto start = clock::now();
  go([] { sleep_for(5ms); });
  sleep_for(10ms);
  EXPECT_GE(clock::now() - start, 10ms);
  sleep_for(-1h);
  sleep_for(0ns);
  sleep_until(clock::now() - 1h);
}

TEST(times, after_func_may_set_itself_again) {
  int i = 10;
  auto c = make_chan<bool>();
  std::function<void()> f = [&] {
    if (--i >= 0) {
      after_func(0ns, f);
      sleep_for(1ms);
    } else {
      c << true;
    }
  };
  after_func(0ns, f);
  EXPECT_EQ(c.recv(), true);
}

TEST(times, after_tells_a_time_not_before_the_deadline) {
  const auto start = clock::now();
  const auto t = after(5ms).recv();
  ASSERT_TRUE(t);
  EXPECT_GE(*t - start, 5ms);
  EXPECT_GE(clock::now() - start, 5ms);
  EXPECT_TRUE(after(-1s).recv());
}

// TestAfterStop: stopped in time it does not run, stopped too late it has.
TEST(times, stopped_timers_do_not_run) {
  std::atomic<bool> ran{false};
  auto f = after_func(1h, [&] { ran = true; });
  EXPECT_TRUE(f.stop()) << "it was still to come";
  EXPECT_FALSE(f.stop()) << "it was stopped before";
  timer t(1h);
  EXPECT_TRUE(t.stop());
  EXPECT_FALSE(t.stop());
  clock::time_point v;
  EXPECT_EQ(t.c().try_recv(v), recv_status::empty);
  auto done = make_chan<bool>();
  auto g = after_func(0ns, [=] { done << true; });
  done.recv();
  EXPECT_FALSE(g.stop()) << "it has run";
  EXPECT_FALSE(ran);
}

TEST(times, afters_never_come_before_their_deadlines) {
  const std::vector<int> slots{5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0};
  auto result = make_chan<std::pair<int, clock::time_point>>();
  const auto start = clock::now();
  for (int slot : slots)
    go([=] {
      const auto t = after(slot * 2ms).recv();
      result << std::pair(slot, *t);
    });
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto [slot, t] = *result.recv();
    EXPECT_GE(t - start, slot * 2ms);
  }
}

TEST(times, timers_on_one_processor_fire_in_the_order_of_their_deadlines) {
  const int before = gomaxprocs(1);
  std::vector<int> order;
  auto done = make_chan<bool>(3);
  mutex m;
  const auto note = [&](int n) {
    return [&, n, done] {
      m.lock();
      order.push_back(n);
      m.unlock();
      done << true;
    };
  };
  const auto in = [begin = clock::now()](clock::duration d) { return begin + d - clock::now(); };  // from one moment, however long this takes
  const auto a = after_func(in(60ms), note(3)), b = after_func(in(20ms), note(1)), c = after_func(in(40ms), note(2));
  for (int i = 0; i < 3; ++i) done.recv();
  gomaxprocs(before);
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(times, timers_may_be_stopped_while_they_fire) {
  wait_group all;
  std::atomic<int> fired{0}, stopped{0};
  constexpr int people = 50, turns = 40;
  for (int i = 0; i < people; ++i)
    all.go([&, i] {
      for (int k = 0; k < turns; ++k) {
        wait_group ran;
        ran.add(1);
        auto t = after_func(std::chrono::microseconds(i * 2 + k), [&] {
          ++fired;
          ran.done();
        });
        yield();
        if (t.stop()) {
          ++stopped;
          ran.done();
        }
        ran.wait();  // exactly one of the two has happened, or the counter goes wrong
      }
    });
  all.wait();
  EXPECT_EQ(fired + stopped, people * turns);
}

TEST(times, sleeping_not_at_all_lets_others_run) {
  const int before = gomaxprocs(1);
  std::atomic<bool> done{false};
  wait_group all;
  all.go([&] { done = true; });
  while (!done) sleep_for(0ns);
  all.wait();
  gomaxprocs(before);
}

// TestReset, and the rule of Go 1.23: after Stop or Reset no value of the time before is received.
TEST(times, reset_timers_keep_nothing_of_the_time_before) {
  timer t(1h);
  EXPECT_TRUE(t.reset(1ms)) << "it was running";
  EXPECT_TRUE(t.c().recv());
  EXPECT_FALSE(t.reset(1h)) << "it had fired";
  clock::time_point v;
  EXPECT_EQ(t.c().try_recv(v), recv_status::empty);
  for (int i = 0; i < 200; ++i) {
    timer x(0ns);
    if (i % 2 == 0) sleep_for(20us);
    x.stop();
    EXPECT_EQ(x.c().try_recv(v), recv_status::empty) << "a stale value after stop";
    x.reset(0ns);
    EXPECT_TRUE(x.c().recv());
    x.reset(1h);
    EXPECT_EQ(x.c().try_recv(v), recv_status::empty) << "a stale value after reset";
  }
  EXPECT_EQ(timer(0ns).c().cap() > 1, false);
}

TEST(times, of_absurd_length_do_not_overflow) {
  const auto longest = std::chrono::nanoseconds::max();
  auto far = after(longest);
  clock::time_point v;
  EXPECT_EQ(far.try_recv(v), recv_status::empty);
  timer t(longest);
  EXPECT_TRUE(t.stop());
  EXPECT_TRUE(after(std::chrono::nanoseconds::min()).recv());
  EXPECT_EQ(select(on_recv(far), on_recv(after(2ms))), 1u);
  EXPECT_EQ(conformance::outcome_of([=] { sleep_for(longest); }), conformance::outcome::blocks);
  EXPECT_EQ(conformance::outcome_of([] { sleep_for(std::chrono::hours::max()); }), conformance::outcome::blocks);
  EXPECT_EQ(conformance::outcome_of([] { sleep_for(std::chrono::duration<double>(1e30)); }), conformance::outcome::blocks);
  EXPECT_EQ(conformance::outcome_of([] { sleep_for(std::chrono::hours::min()); }), conformance::outcome::returns);
  auto [c, cancel] = context::with_timeout(context::background(), std::chrono::hours::max());
  EXPECT_FALSE(c.err());
  cancel();
}

// TestTimerModifiedEarlier: a far timer that is brought near fires, although others were set meanwhile.
TEST(times, timers_brought_forward_fire) {
  for (int i = 0; i < 20; ++i) {
    timer t(10s);
    timer between(9s);
    t.reset(1ms);
    EXPECT_TRUE(t.c().recv());
    between.stop();
  }
}

TEST(times, timers_change_places_while_they_wait) {
  wait_group all;
  auto make = [&](int turn) {
    all.go([turn] {
      sleep_for(std::chrono::microseconds(turn * 50));
      timer t(5s);
      t.reset(std::chrono::milliseconds(turn % 5));
      timer u(1ms);
      u.reset(2ms);
      t.c().recv();
      u.c().recv();
    });
  };
  for (int i = 0; i < 100; ++i) make(i);
  all.wait();
}

TEST(tickers, tick_and_stop) {
  for (auto every : {std::chrono::microseconds(500), std::chrono::microseconds(3000)}) {
    const auto start = clock::now();
    ticker t(every);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(t.c().recv());
    EXPECT_GE(clock::now() - start, 4 * every) << "ticks may be dropped, never doubled";
    t.reset(every * 2);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(t.c().recv());
    t.stop();
    sleep_for(2 * every);
    clock::time_point v;
    EXPECT_EQ(t.c().try_recv(v), recv_status::empty) << "it did not shut down";
  }
}

TEST(tickers, may_be_made_and_stopped_at_once) {
  for (int i = 0; i < 100; ++i) {
    ticker t(1ms);
    t.stop();
  }
  EXPECT_FALSE(tick(-1s));
  EXPECT_TRUE(tick(1ms).recv());
}

TEST(tickers, of_no_interval_panic) {
  EXPECT_THROW(ticker(0ns), panic_error);
  EXPECT_THROW(ticker(-1ns), panic_error);
  ticker t(1h);
  EXPECT_THROW(t.reset(0ns), panic_error);
}

TEST(tickers, do_not_queue_what_nobody_took) {
  ticker t(20ms);
  sleep_for(200ms);
  clock::time_point v;
  int held = 0;
  while (t.c().try_recv(v) == recv_status::received) ++held;
  EXPECT_GE(held, 1);
  EXPECT_LT(held, 8) << "ten have come: one is held, others only if they come while this counts";
}

}  // namespace
