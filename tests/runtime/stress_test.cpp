// Lost wake-ups hang here; waiting taken for deadlock ends the process. Bounded in count, not in time.

#include <gtest/gtest.h>

#include <atomic>
#include <ravel/ravel.hpp>
#include <sstream>
#include <thread>

namespace {

using namespace std::chrono_literals;

TEST(stress, foreign_threads_and_goroutines_hand_to_each_other) {
  constexpr int threads = 4, rounds = 2000;
  std::vector<std::thread> pool;
  std::atomic<long> sum{0};
  ravel::wait_group wg;
  for (int t = 0; t < threads; ++t) {
    auto there = ravel::make_chan<int>(), back = ravel::make_chan<int>();
    wg.go([=] { for (int v : there) back << v + 1; });
    pool.emplace_back([=, &sum] {
      for (int i = 0; i < rounds; ++i) {
        there << i;
        sum += *back.recv() - i;
      }
      there.close();
    });
  }
  wg.wait();
  for (auto& t : pool) t.join();
  EXPECT_EQ(sum, threads * rounds);
}

TEST(stress, a_foreign_thread_is_the_only_one_who_can_wake) {
  for (int i = 0; i < 500; ++i) {
    auto c = ravel::make_chan<int>();
    std::thread t([c, i] { if (i % 2 == 0) std::this_thread::yield(); c << i; });
    EXPECT_EQ(c.recv(), i);
    ravel::blocking([&] { t.join(); });
  }
}

TEST(stress, a_blocking_call_is_the_only_one_who_can_wake) {
  for (int i = 0; i < 2000; ++i) {
    auto c = ravel::make_chan<int>();
    ravel::go([c, i] {
      ravel::blocking([i] { if (i % 7 == 0) std::this_thread::sleep_for(50us); });
      c << i;
    });
    EXPECT_EQ(c.recv(), i);
  }
}

TEST(stress, a_timer_is_the_only_one_who_can_wake) {
  for (int i = 0; i < 500; ++i) {
    ravel::sleep_for(std::chrono::microseconds(i % 50));
    EXPECT_TRUE(ravel::after(std::chrono::microseconds(i % 30)).recv().has_value());
    auto c = ravel::make_chan<int>();
    auto t = ravel::after_func(std::chrono::microseconds(i % 20), [c, i] { c << i; });
    EXPECT_EQ(c.recv(), i);
  }
}

TEST(stress, timers_stopped_and_reset_while_they_fire_leave_nothing_stale) {
  constexpr int workers = 8, rounds = 400;
  ravel::wait_group wg;
  std::atomic<long> fired{0}, stale{0};
  for (int w = 0; w < workers; ++w) {
    wg.go([&, w] {
      ravel::timer t(1us);
      for (int i = 0; i < rounds; ++i) {
        if ((i + w) % 3 == 0) ravel::yield();
        t.stop();
        stale += ravel::select(ravel::on_recv(t.c()), ravel::on_default()) == 0;
        t.reset(std::chrono::microseconds(i % 4));
        if (i % 2 == 0) fired += t.c().recv().has_value();
      }
    });
  }
  wg.wait();
  EXPECT_EQ(stale, 0);
  EXPECT_EQ(fired, workers * rounds / 2);
}

TEST(stress, timers_set_by_foreign_threads_fire) {
  std::vector<std::thread> pool;
  std::atomic<int> fired{0};
  for (int k = 0; k < 4; ++k) {
    pool.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        ravel::sleep_for(10us);
        fired += ravel::after(10us).recv().has_value();
      }
    });
  }
  ravel::blocking([&] { for (auto& t : pool) t.join(); });
  EXPECT_EQ(fired, 400);
}

TEST(stress, a_wake_is_never_lost_between_sleeping_and_waking_machines) {
  // Bursts and silence by turns: machines go to sleep and are woken all the time.
  for (int round = 0; round < 2000; ++round) {
    ravel::wait_group wg;
    std::atomic<int> ran{0};
    for (int k = 0; k < 1 + round % 7; ++k) {
      wg.go([&] {
        ravel::wait_group inner;
        inner.go([&] { ++ran; });
        inner.wait();
      });
    }
    wg.wait();
    ASSERT_EQ(ran, 1 + round % 7);
    if (round % 100 == 0) ravel::sleep_for(100us);
  }
}

TEST(stress, dumps_while_goroutines_run_park_and_end) {
  std::atomic<bool> stop{false};
  ravel::wait_group wg;
  for (int k = 0; k < 4; ++k) {
    wg.go([&] {
      while (!stop) {
        auto c = ravel::make_chan<int>();
        ravel::go([c] { c << 1; });
        c.recv();
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    std::ostringstream out;
    ravel::dump_goroutines(out);
    EXPECT_EQ(out.str().rfind("goroutine 1 [running]:", 0), 0u);
    ravel::yield();
  }
  stop = true;
  wg.wait();
}

TEST(stress, more_goroutines_than_any_queue_holds) {
  ravel::wait_group wg;
  std::atomic<long> ran{0};
  for (int i = 0; i < 100000; ++i) wg.go([&] { ravel::yield(); ++ran; });
  wg.wait();
  EXPECT_EQ(ran, 100000);
}

}  // namespace
