// What Go's tests of package sync fix (mutex, rwmutex, cond, once, pool, waitgroup of Go 1.19), asked of Ravel's.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "outcome.hpp"

namespace {

using namespace ravel;
using conformance::outcome;
using conformance::outcome_of;

TEST(locks, of_a_hammered_mutex_exclude) {
  mutex m;
  long count = 0;
  wait_group all;
  for (int i = 0; i < 10; ++i)
    all.go([&] {
      for (int k = 0; k < 1000; ++k) {
        if (k % 3 == 0) {
          if (!m.try_lock()) continue;
        } else {
          m.lock();
        }
        ++count;
        m.unlock();
      }
    });
  all.wait();
  EXPECT_GE(count, 10 * 666);
  m.lock();
  EXPECT_FALSE(m.try_lock());
  m.unlock();
  EXPECT_TRUE(m.try_lock());
  m.unlock();
}

// TestMutexFairness: one that takes the lock again and again must not keep another out for ever.
TEST(locks, of_a_mutex_reach_who_waits_beside_a_greedy_one) {
  mutex m;
  std::atomic<bool> stop{false};
  wait_group greedy;
  greedy.go([&] {
    while (!stop) {
      m.lock();
      sleep_for(std::chrono::microseconds(100));
      m.unlock();
    }
  });
  for (int i = 0; i < 10; ++i) {
    sleep_for(std::chrono::microseconds(100));
    m.lock();
    m.unlock();
  }
  stop = true;
  greedy.wait();
  // That it came to an end is the finding.
}

TEST(locks, shared_let_readers_in_together) {
  for (int readers : {1, 3, 4, 7}) {
    rw_mutex m;
    auto inside = make_chan<unit>(static_cast<std::size_t>(readers)), leave = make_chan<unit>(), gone = make_chan<unit>();
    for (int i = 0; i < readers; ++i)
      go([=, &m] {
        m.lock_shared();
        inside << unit{};
        leave.recv();
        m.unlock_shared();
        gone << unit{};
      });
    for (int i = 0; i < readers; ++i) inside.recv();  // all are in at once, or this blocks
    EXPECT_FALSE(m.try_lock());
    EXPECT_TRUE(m.try_lock_shared());
    m.unlock_shared();
    for (int i = 0; i < readers; ++i) leave << unit{};
    for (int i = 0; i < readers; ++i) gone.recv();
    EXPECT_TRUE(m.try_lock());
    EXPECT_FALSE(m.try_lock_shared());
    m.unlock();
  }
}

// HammerRWMutex: a writer adds ten thousand, a reader one; each sees what it may.
TEST(locks, of_a_hammered_rw_mutex_exclude_writers) {
  for (int readers : {1, 3, 10}) {
    rw_mutex m;
    std::atomic<int> activity{0};
    std::atomic<int> wrong{0};
    wait_group all;
    const auto writer = [&] {
      for (int i = 0; i < 300; ++i) {
        m.lock();
        wrong += activity.fetch_add(10'000) != 0;
        for (volatile int k = 0; k < 50; k = k + 1) {}
        activity -= 10'000;
        m.unlock();
      }
    };
    const auto reader = [&] {
      for (int i = 0; i < 300; ++i) {
        m.lock_shared();
        const int now = activity.fetch_add(1);
        wrong += now < 0 || now >= 10'000;
        for (volatile int k = 0; k < 50; k = k + 1) {}
        --activity;
        m.unlock_shared();
      }
    };
    all.go(writer);
    for (int i = 0; i < readers / 2; ++i) all.go(reader);
    all.go(writer);
    for (int i = readers / 2; i < readers; ++i) all.go(reader);
    all.wait();
    EXPECT_EQ(wrong, 0);
  }
}

TEST(locks, shared_wait_behind_a_waiting_writer) {
  rw_mutex m;
  m.lock_shared();
  auto wrote = make_chan<unit>(), read = make_chan<unit>();
  go(go_options{.name = "writer"}, [=, &m] {
    m.lock();
    m.unlock();
    wrote << unit{};
  });
  conformance::until_parked("writer");
  EXPECT_FALSE(m.try_lock_shared());
  go(go_options{.name = "reader"}, [=, &m] {
    m.lock_shared();
    m.unlock_shared();
    read << unit{};
  });
  conformance::until_parked("reader");
  m.unlock_shared();
  wrote.recv();
  read.recv();
}

TEST(locks_death, misused_end_the_process_in_gos_words) {
  EXPECT_EXIT({ mutex m; m.unlock(); }, testing::ExitedWithCode(2), "fatal error: sync: unlock of unlocked mutex");
  EXPECT_EXIT({ mutex m; m.lock(); m.unlock(); m.unlock(); }, testing::ExitedWithCode(2), "fatal error: sync: unlock of unlocked mutex");
  EXPECT_EXIT({ rw_mutex m; m.unlock(); }, testing::ExitedWithCode(2), "fatal error: sync: Unlock of unlocked RWMutex");
  EXPECT_EXIT({ rw_mutex m; m.unlock_shared(); }, testing::ExitedWithCode(2), "fatal error: sync: RUnlock of unlocked RWMutex");
  EXPECT_EXIT({ rw_mutex m; m.lock_shared(); m.unlock(); }, testing::ExitedWithCode(2), "fatal error: sync: Unlock of unlocked RWMutex");
  EXPECT_EXIT({ rw_mutex m; m.lock(); m.unlock(); m.unlock(); }, testing::ExitedWithCode(2), "fatal error: sync: Unlock of unlocked RWMutex");
}

TEST(conds, signal_wakes_one) {
  mutex m;
  cond c(m);
  constexpr int waiters = 4;
  auto running = make_chan<unit>(waiters), awake = make_chan<unit>(waiters);
  for (int i = 0; i < waiters; ++i)
    go([&] {
      m.lock();
      running << unit{};
      c.wait();
      awake << unit{};
      m.unlock();
    });
  for (int i = 0; i < waiters; ++i) running.recv();
  for (int left = waiters; left > 0; --left) {
    unit u;
    EXPECT_EQ(awake.try_recv(u), recv_status::empty) << "woken without a signal";
    m.lock();
    c.signal();
    m.unlock();
    awake.recv();
    EXPECT_EQ(awake.try_recv(u), recv_status::empty) << "two woken by one signal";
  }
  m.lock();
  c.signal();  // nobody waits: nothing happens
  m.unlock();
}

TEST(conds, signals_reach_generations_in_order) {
  mutex m;
  cond c(m);
  constexpr int n = 100;
  auto running = make_chan<unit>(n);
  auto awake = make_chan<int>(n);
  wait_group all;
  for (int i = 0; i < n; ++i) {
    all.go([&, i] {
      m.lock();
      running << unit{};
      c.wait();
      awake << i;
      m.unlock();
    });
    if (i > 0) EXPECT_EQ(awake.recv(), i - 1);
    running.recv();
    m.lock();
    c.signal();
    m.unlock();
  }
  EXPECT_EQ(awake.recv(), n - 1);
  all.wait();
}

TEST(conds, broadcast_wakes_all) {
  mutex m;
  cond c(m);
  constexpr int n = 200;
  auto running = make_chan<int>(n), awake = make_chan<int>(n);
  bool exit = false;
  wait_group all;
  for (int i = 0; i < n; ++i)
    all.go([&, i] {
      m.lock();
      while (!exit) {
        running << i;
        c.wait();
        awake << i;
      }
      m.unlock();
    });
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < n; ++i) running.recv();
    if (round == 2) {
      m.lock();
      exit = true;
      m.unlock();
    }
    int v;
    EXPECT_EQ(awake.try_recv(v), recv_status::empty);
    m.lock();
    c.broadcast();
    m.unlock();
    std::set<int> seen;
    for (int i = 0; i < n; ++i) EXPECT_TRUE(seen.insert(*awake.recv()).second) << "woken twice";
  }
  all.wait();
}

// TestCondSignalStealing: a signal meant for the one that waits is not taken by one that comes to wait later.
TEST(conds, signal_is_not_stolen_by_a_later_waiter) {
  for (int i = 0; i < 200; ++i) {
    mutex m;
    cond c(m);
    auto waiting = make_chan<unit>(), woken = make_chan<unit>();
    go([&] {
      m.lock();
      waiting << unit{};
      c.wait();
      m.unlock();
      woken << unit{};
    });
    waiting.recv();
    m.lock();
    m.unlock();
    bool done = false;
    wait_group other;
    other.go([&] { c.broadcast(); });
    other.go([&] {
      m.lock();
      while (!done) c.wait();
      m.unlock();
    });
    woken.recv();
    m.lock();
    done = true;
    m.unlock();
    c.broadcast();
    other.wait();
  }
}

TEST(onces, run_one_function_once_among_many) {
  once o;
  int runs = 0;
  wait_group all;
  std::atomic<int> saw_it_done{0};
  for (int i = 0; i < 10; ++i)
    all.go([&] {
      o.call([&] { ++runs; });
      saw_it_done += runs == 1;
    });
  all.wait();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(saw_it_done, 10);
}

TEST(onces, count_as_done_when_the_function_panicked) {
  once o;
  EXPECT_THROW(o.call([] { throw panic_error("failed"); }), panic_error);
  o.call([] { FAIL() << "called twice"; });
}

TEST(onces, made_functions_run_once_and_repeat_result_and_panic) {
  int runs = 0;
  auto f = once_func([&] { ++runs; });
  auto g = f;  // the same once
  f();
  g();
  EXPECT_EQ(runs, 1);
  auto v = once_value([&] { return ++runs; });
  EXPECT_EQ(v(), 2);
  EXPECT_EQ(v(), 2);
  auto p = once_func([&]() -> void {
    ++runs;
    throw panic_error("x");
  });
  EXPECT_THROW(p(), panic_error);
  EXPECT_THROW(p(), panic_error);
  EXPECT_EQ(runs, 3);
}

TEST(wait_groups, let_nobody_through_early) {
  wait_group first, second;
  for (int round = 0; round < 8; ++round) {
    constexpr int n = 16;
    first.add(n);
    second.add(n);
    auto exited = make_chan<bool>(n);
    for (int i = 0; i < n; ++i)
      go([&, exited] {
        first.done();
        second.wait();
        exited << true;
      });
    first.wait();
    for (int i = 0; i < n; ++i) {
      bool v;
      EXPECT_EQ(exited.try_recv(v), recv_status::empty) << "released too early";
      second.done();
    }
    for (int i = 0; i < n; ++i) exited.recv();
  }
}

TEST(wait_groups, may_be_destroyed_once_waited_for) {
  for (int i = 0; i < 1000; ++i) {
    auto wg = std::make_unique<wait_group>();
    std::atomic<int> n{0};
    wg->add(1);
    wg->go([&] { ++n; });
    wg->go([&] { ++n; });
    wg->done();
    wg->wait();
    ASSERT_EQ(n, 2);
  }
}

TEST(wait_groups, with_a_negative_counter_panic) {
  wait_group wg;
  wg.add(1);
  wg.done();
  try {
    wg.done();
    FAIL() << "no panic";
  } catch (const panic_error& e) {
    EXPECT_STREQ(e.what(), "sync: negative WaitGroup counter");
  }
}

TEST(pools, make_what_they_lack_and_lose_nothing_in_use) {
  std::atomic<int> made{0};
  pool<std::string> p([&] { return "new" + std::to_string(++made); });
  EXPECT_EQ(p.get(), "new1");
  p.put("kept");
  EXPECT_EQ(p.get(), "kept");
  EXPECT_EQ(p.get(), "new2");
  wait_group all;
  for (int g = 0; g < 10; ++g)
    all.go([&] {
      for (int i = 0; i < 1000; ++i) {
        std::string s = p.get();
        ASSERT_FALSE(s.empty());
        p.put(std::move(s));
        if (i % 100 == 0) yield();
      }
    });
  all.wait();
  EXPECT_GE(made, 2);
}

}  // namespace
