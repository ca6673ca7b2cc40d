#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <ravel/ravel.hpp>
#include <shared_mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

TEST(mutex, excludes) {
  ravel::mutex m;
  ravel::wait_group wg;
  long counter = 0;
  for (int g = 0; g < 16; ++g) {
    wg.go([&] {
      for (int i = 0; i < 5000; ++i) {
        const std::lock_guard hold(m);
        ++counter;
        if (i % 100 == 0) ravel::yield();
      }
    });
  }
  wg.wait();
  EXPECT_EQ(counter, 16 * 5000);
}

TEST(mutex, try_lock_fails_while_locked) {
  ravel::mutex m;
  EXPECT_TRUE(m.try_lock());
  EXPECT_FALSE(m.try_lock());
  m.unlock();
  EXPECT_TRUE(m.try_lock());
  m.unlock();
}

TEST(rw_mutex, lets_readers_share_and_writers_not) {
  ravel::rw_mutex m;
  m.lock_shared();
  EXPECT_TRUE(m.try_lock_shared());
  EXPECT_FALSE(m.try_lock());
  m.unlock_shared();
  m.unlock_shared();
  EXPECT_TRUE(m.try_lock());
  EXPECT_FALSE(m.try_lock_shared());
  m.unlock();
}

TEST(rw_mutex, writers_and_readers_see_whole_updates) {
  ravel::rw_mutex m;
  ravel::wait_group wg;
  long a = 0, b = 0, torn = 0;
  for (int g = 0; g < 4; ++g) {
    wg.go([&] { for (int i = 0; i < 2000; ++i) { const std::unique_lock hold(m); ++a; ravel::yield(); ++b; } });
    wg.go([&] { for (int i = 0; i < 2000; ++i) { const std::shared_lock hold(m); __atomic_fetch_add(&torn, a != b, __ATOMIC_RELAXED); } });
  }
  wg.wait();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(a, 8000);
}

TEST(wait_group, panics_on_a_negative_counter) {
  ravel::wait_group wg;
  EXPECT_THROW(wg.done(), ravel::panic_error);
}

TEST(once, runs_once_and_all_wait_for_it) {
  ravel::once o;
  ravel::wait_group wg;
  int runs = 0;
  for (int g = 0; g < 20; ++g) wg.go([&] { o.call([&] { ravel::yield(); ++runs; }); EXPECT_EQ(runs, 1); });
  wg.wait();
  EXPECT_EQ(runs, 1);
}

TEST(once, counts_as_done_when_it_threw) {
  ravel::once o;
  EXPECT_THROW(o.call([] { throw std::runtime_error("x"); }), std::runtime_error);
  bool again = false;
  o.call([&] { again = true; });
  EXPECT_FALSE(again);
}

TEST(once, value_is_computed_once_and_a_throw_is_repeated) {
  int runs = 0;
  auto f = ravel::once_value([&] { return ++runs; });
  EXPECT_EQ(f() + f(), 2);
  auto g = ravel::once_func([] { throw std::runtime_error("x"); });
  EXPECT_THROW(g(), std::runtime_error);
  EXPECT_THROW(g(), std::runtime_error);
}

TEST(cond, wakes_in_order) {
  ravel::mutex m;
  ravel::cond c(m);
  std::vector<int> woken;
  int waiting = 0;
  ravel::wait_group wg;
  for (int g = 0; g < 5; ++g) {
    wg.go([&, g] {
      const std::lock_guard hold(m);
      ++waiting;
      c.wait();
      woken.push_back(g);
    });
    for (bool in = false; !in; ravel::yield()) { const std::lock_guard hold(m); in = waiting == g + 1; }
  }
  for (int g = 0; g < 5; ++g) {
    c.signal();
    for (bool out = false; !out; ravel::yield()) { const std::lock_guard hold(m); out = woken.size() == static_cast<std::size_t>(g + 1); }
  }
  wg.wait();
  EXPECT_EQ(woken, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(cond, no_signal_is_lost_between_two_that_hand_over) {
  ravel::mutex m;
  ravel::cond c(m);
  ravel::wait_group wg;
  long turn = 0;
  for (int me = 0; me < 2; ++me) {
    wg.go([&, me] {
      const std::lock_guard hold(m);
      for (int i = 0; i < 20000; ++i) {
        c.wait([&] { return turn % 2 == me; });
        ++turn;
        c.signal();
      }
    });
  }
  wg.wait();
  EXPECT_EQ(turn, 40000);
}

TEST(pool, gives_back_what_was_put) {
  int made = 0;
  ravel::pool<int> p([&] { return ++made; });
  const int v = p.get();
  p.put(v);
  EXPECT_EQ(p.get(), v);
  EXPECT_EQ(made, 1);
}

TEST(pool, loses_and_doubles_nothing_among_goroutines) {
  ravel::wait_group wg;
  std::atomic<int> made = 0;
  {
    ravel::pool<std::unique_ptr<int>> p([&] { ++made; return std::make_unique<int>(0); });
    for (int g = 0; g < 16; ++g) {
      wg.go([&, g] {
        for (int i = 0; i < 2000; ++i) {
          auto mine = p.get();
          const int before = ++*mine;
          if ((i + g) % 7 == 0) ravel::yield();
          EXPECT_EQ(*mine, before);  // nobody else has it
          p.put(std::move(mine));
        }
      });
    }
    wg.wait();
    // All that was made is still there, but what other processors keep for themselves.
    const int all = made;
    long uses = 0;
    std::vector<std::unique_ptr<int>> taken;
    for (int n = 0; n < all; ++n) taken.push_back(p.get());
    for (auto& t : taken) uses += *t;
    EXPECT_LE(made - all, ravel::gomaxprocs() - 1);
    EXPECT_LE(all, 16);
    if (made == all) EXPECT_EQ(uses, 16 * 2000);
  }
}

TEST(pool, elements_may_park_while_they_move) {
  struct slow {
    int value = 0;
    explicit slow(int v) : value(v) {}
    slow(slow&& o) noexcept : value(o.value) {
      ravel::yield();
      value = std::exchange(o.value, -1);
    }
  };
  std::atomic<int> made = 0, wrong = 0;
  ravel::pool<slow> p([&] { return slow(++made); });
  std::vector<std::atomic<int>> holders(64);
  ravel::wait_group wg;
  for (int g = 0; g < 4; ++g) {
    wg.go([&] {
      for (int i = 0; i < 300; ++i) {
        slow mine = p.get();
        if (mine.value < 1 || mine.value > 63) { ++wrong; return; }
        wrong += holders[static_cast<std::size_t>(mine.value)]++ != 0;
        holders[static_cast<std::size_t>(mine.value)]--;
        p.put(std::move(mine));
      }
    });
  }
  wg.wait();
  EXPECT_EQ(wrong, 0);
}

TEST(pool, destroys_what_it_still_has_and_survives_throwing_moves) {
  auto alive = std::make_shared<int>(0);
  struct moody {
    std::shared_ptr<int> p;
    bool throws = false;
    moody(std::shared_ptr<int> q) : p(std::move(q)) {}
    moody(moody&& o) : p(o.p), throws(o.throws) { if (throws) throw std::runtime_error("x"); }
  };
  {
    ravel::pool<moody> p([&] { return moody(alive); });
    p.put(moody(alive));
    p.put(moody(alive));
    moody bad(alive);
    bad.throws = true;
    EXPECT_THROW(p.put(std::move(bad)), std::runtime_error);
    for (int i = 0; i < 3; ++i) p.put(p.get());
    EXPECT_EQ(alive.use_count(), 1 + 1 + 2);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(goroutines, exceptions_stay_with_their_goroutine_across_switches) {
  ravel::wait_group wg;
  int right = 0;
  for (int g = 0; g < 50; ++g) {
    wg.go([&, g] {
      try { throw g; } catch (int) {
        ravel::yield();
        try { throw; } catch (int again) { __atomic_fetch_add(&right, again == g, __ATOMIC_RELAXED); }
      }
    });
  }
  wg.wait();
  EXPECT_EQ(right, 50);
}

TEST(goroutines, goexit_runs_destructors_and_defers) {
  auto c = ravel::make_chan<int>(1);
  ravel::go([c] {
    RAVEL_DEFER { c << 1; };
    ravel::goexit();
  });
  EXPECT_EQ(c.recv(), 1);
}

TEST(goroutines, blocking_lets_others_run) {
  auto c = ravel::make_chan<int>();
  ravel::go([c] { ravel::blocking([&] { std::mutex m; const std::lock_guard hold(m); }); c << 1; });
  EXPECT_EQ(c.recv(), 1);
}

TEST(goroutines, a_hundred_thousand_come_and_go) {
  ravel::wait_group wg;
  long sum = 0;
  for (int i = 0; i < 100000; ++i) wg.go([&] { __atomic_fetch_add(&sum, 1, __ATOMIC_RELAXED); });
  wg.wait();
  EXPECT_EQ(sum, 100000);
}

}  // namespace
