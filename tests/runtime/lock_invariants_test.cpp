// What mutex, rw_mutex, wait_group and once promise, looked at from inside while many goroutines and foreign threads pull at them.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <ravel/ravel.hpp>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

// Busy for a moment, in different ways, so that holders are preempted, parked and quick in turn.
void dawdle(unsigned i) {
  if (i % 16 == 0) ravel::yield();
  for (volatile unsigned k = 0; k < i % 50; k = k + 1) {}
}

TEST(lock_invariants, mutex_has_one_holder_whoever_asks) {
  ravel::mutex m;
  std::atomic<int> inside = 0, broken = 0;
  long turns = 0;
  const auto work = [&] {
    for (unsigned i = 0; i < 3000; ++i) {
      if (i % 5 == 0) {
        if (!m.try_lock()) continue;
      } else {
        m.lock();
      }
      broken += inside.fetch_add(1) != 0;
      ++turns;
      dawdle(i);
      inside.fetch_sub(1);
      m.unlock();
    }
  };
  ravel::wait_group wg;
  for (int g = 0; g < 12; ++g) wg.go(work);
  std::thread a(work), b(work);
  wg.wait();
  ravel::blocking([&] { a.join(); b.join(); });
  EXPECT_EQ(broken, 0);
  EXPECT_GE(turns, 14 * 2400);
}

TEST(lock_invariants, mutex_lets_no_waiter_starve) {
  ravel::mutex m;
  std::atomic<bool> stop = false;
  ravel::wait_group wg;
  for (int g = 0; g < 2; ++g) {
    wg.go([&] {
      while (!stop) {
        const std::lock_guard hold(m);
        const auto until = ravel::clock::now() + 100us;  // with no pause between two holds
        while (ravel::clock::now() < until) {}
        ravel::yield();
      }
    });
  }
  wg.go([&] {
    for (int i = 0; i < 20; ++i) {
      ravel::sleep_for(50us);
      const std::lock_guard hold(m);
    }
    stop = true;
  });
  wg.wait();  // that it ends is the assertion: deadlock detection and the test's limit see otherwise
  EXPECT_TRUE(stop);
}

TEST(lock_invariants, rw_mutex_has_one_writer_or_many_readers) {
  ravel::rw_mutex m;
  std::atomic<int> readers = 0, writers = 0, broken = 0, most = 0;
  const auto work = [&](unsigned seed) {
    for (unsigned i = seed; i < seed + 3000; ++i) {
      if (i % 7 == 0) {
        if (i % 2 == 0) m.lock();
        else if (!m.try_lock()) continue;
        broken += writers.fetch_add(1) != 0 || readers != 0;
        dawdle(i);
        writers.fetch_sub(1);
        m.unlock();
      } else {
        if (i % 3 != 0) m.lock_shared();
        else if (!m.try_lock_shared()) continue;
        const int now = readers.fetch_add(1) + 1;
        broken += writers != 0;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {}
        dawdle(i);
        readers.fetch_sub(1);
        m.unlock_shared();
      }
    }
  };
  ravel::wait_group wg;
  for (unsigned g = 0; g < 12; ++g) wg.go([&, g] { work(g); });
  std::thread a(work, 100), b(work, 200);
  wg.wait();
  ravel::blocking([&] { a.join(); b.join(); });
  EXPECT_EQ(broken, 0);
  EXPECT_GT(most, 1);
  EXPECT_TRUE(m.try_lock());
}

// Readers meet again and again, with few writers between: on several processors the lock splits its count. They change processor while they
// hold it, and foreign threads have none.
TEST(lock_invariants, rw_mutex_crowded_by_readers_keeps_writers_out_and_lets_them_in) {
  for (int round = 0; round < 3; ++round) {
    ravel::rw_mutex m;
    std::atomic<int> readers = 0, writers = 0, broken = 0;
    std::atomic<long> written = 0;
    const auto work = [&](unsigned seed) {
      for (unsigned i = seed; i < seed + 4000; ++i) {
        if (i % 211 == 0) {
          m.lock();
          broken += writers.fetch_add(1) != 0 || readers != 0;
          dawdle(i);
          writers.fetch_sub(1);
          m.unlock();
          ++written;
        } else if (i % 97 == 0) {
          if (!m.try_lock()) continue;
          broken += writers.fetch_add(1) != 0 || readers != 0;
          writers.fetch_sub(1);
          m.unlock();
        } else {
          if (i % 5 != 0) m.lock_shared();
          else if (!m.try_lock_shared()) continue;
          readers.fetch_add(1);
          broken += writers != 0;
          if (i % 2 == 0) ravel::yield();
          broken += writers != 0;
          readers.fetch_sub(1);
          m.unlock_shared();
        }
      }
    };
    ravel::wait_group wg;
    for (unsigned g = 0; g < 12; ++g) wg.go([&, g] { work(31 * g); });
    std::thread a(work, 100), b(work, 200);
    wg.wait();
    ravel::blocking([&] { a.join(); b.join(); });
    EXPECT_EQ(broken, 0);
    EXPECT_GE(written, 14 * (4000 / 211));
    EXPECT_TRUE(m.try_lock());
    m.unlock();
    EXPECT_TRUE(m.try_lock_shared());
    EXPECT_FALSE(m.try_lock());
    m.unlock_shared();
  }
}

TEST(lock_invariants, rw_mutex_loses_no_waiter_when_all_come_and_go_at_once) {
  ravel::rw_mutex m;
  long value = 0, torn = 0;
  ravel::wait_group wg;
  for (int g = 0; g < 8; ++g) {
    wg.go([&, g] {
      for (int i = 0; i < 20000; ++i) {
        if ((i + g) % 4 == 0) {
          const std::unique_lock hold(m);
          ++value;
        } else {
          const std::shared_lock hold(m);
          if (value < 0) __atomic_fetch_add(&torn, 1, __ATOMIC_RELAXED);
        }
      }
    });
  }
  wg.wait();
  EXPECT_EQ(value, 8 * 5000);
  EXPECT_EQ(torn, 0);
}

TEST(lock_invariants, waiting_writer_goes_before_new_readers) {
  ravel::rw_mutex m;
  m.lock_shared();
  std::vector<int> order;
  ravel::wait_group wg;
  wg.go([&] { const std::unique_lock hold(m); order.push_back(1); });
  while (m.try_lock_shared()) {  // until the writer waits
    m.unlock_shared();
    ravel::yield();
  }
  wg.go([&] { const std::shared_lock hold(m); order.push_back(2); });
  for (int i = 0; i < 50; ++i) ravel::yield();
  EXPECT_TRUE(order.empty());
  m.unlock_shared();
  wg.wait();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

// Destroyed by whoever knows that nobody needs it any more, while another may still be inside the call that told so.
TEST(lock_invariants, may_be_destroyed_right_after_the_last_unlock) {
  struct counted {
    ravel::mutex m;
    ravel::rw_mutex rw;
    int left = 2;
  };
  for (int i = 0; i < 3000; ++i) {
    auto* c = new counted;
    ravel::wait_group wg;
    for (int g = 0; g < 2; ++g) {
      wg.go([c, g] {
        bool last = false;
        if (g == 0) c->rw.lock_shared(), c->rw.unlock_shared();
        c->m.lock();
        last = --c->left == 0;
        c->m.unlock();
        if (last) delete c;
      });
    }
    wg.wait();
  }
}

TEST(lock_invariants, wait_group_lets_all_go_and_may_be_destroyed_then) {
  for (int i = 0; i < 2000; ++i) {
    auto wg = std::make_unique<ravel::wait_group>();
    wg->add(3);
    auto gone = ravel::make_chan<int>(3);
    for (int g = 0; g < 3; ++g) ravel::go([&w = *wg] { w.done(); });
    for (int g = 0; g < 2; ++g) ravel::go([&w = *wg, gone] { w.wait(); gone << 1; });
    wg->wait();
    gone.recv();
    gone.recv();
    wg.reset();
  }
}

// done comes while wait is between counting itself and parking.
TEST(lock_invariants, wait_group_is_not_missed_by_the_last_done) {
  for (int i = 0; i < 5000; ++i) {
    ravel::wait_group wg;
    wg.add(1);
    std::atomic<int> ready = 0;
    const auto meet = [&ready] { ++ready; for (int k = 0; ready < 2 && k < 1000; ++k) if (k % 100 == 99) ravel::yield(); };
    auto gone = ravel::make_chan<int>(1);
    ravel::go([&] { meet(); wg.done(); gone << 1; });
    meet();
    wg.wait();
    EXPECT_EQ(gone.recv(), 1);
  }
}

TEST(lock_invariants, wait_group_reused_too_early_panics) {
  ravel::wait_group wg;
  wg.add(1);
  auto waiting = ravel::make_chan<int>(1);
  ravel::go([&] { wg.wait(); waiting << 1; });
  for (int i = 0; i < 100; ++i) ravel::yield();
  if (ravel::gomaxprocs() == 1) {  // with one processor the waiter cannot have returned between the two calls
    wg.done();
    EXPECT_THROW(wg.add(1), ravel::panic_error);
  } else {
    wg.done();
  }
  waiting.recv();
  EXPECT_NO_THROW(wg.add(1));
  wg.done();
  wg.wait();
}

}  // namespace
