// What a schedule can end with, and that nothing of it is left for the next.

#include <semaphore.h>

#include <gtest/gtest.h>

#undef NDEBUG
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <thread>

#include <ravel/explore.hpp>
#include <ravel/ravel.hpp>

using namespace ravel;
using namespace std::chrono_literals;

namespace {

using enum explore::kind;

explore::result run(auto body, explore::options o = {}) {
  explore::result r = explore::run(body, o);
  if (r.failures.empty()) r.failures.push_back({panic, "none", "", ""});
  return r;
}

TEST(endings, race) {
  const auto r = run([] {
    int x = 0;
    wait_group both;
    both.go([&] { x = 1; });
    both.go([&] { x = 2; });
    both.wait();
  });
  EXPECT_EQ(r.failures[0].kind, race);
  EXPECT_NE(r.failures[0].report.find("endings_test.cpp"), std::string::npos) << r.failures[0].report;
  EXPECT_EQ(r.failures[0].schedule, "r1:r:");
}

TEST(endings, deadlock_names_everybody_who_waits) {
  const auto r = run([] {
    mutex a, b;
    wait_group both;
    both.go([&] {
      const std::lock_guard first(a);
      const std::lock_guard second(b);
    });
    both.go([&] {
      const std::lock_guard first(b);
      const std::lock_guard second(a);
    });
    both.wait();
  }, {.lock_order = false});
  EXPECT_EQ(r.failures[0].kind, deadlock);
  EXPECT_NE(r.failures[0].message.find("goroutine 2 [sync.Mutex.Lock]; goroutine 3 [sync.Mutex.Lock]"), std::string::npos) << r.failures[0].message;
  EXPECT_NE(r.failures[0].report.find("minimal: 1 preemption; all "), std::string::npos) << r.failures[0].report;
}

// What hangs in some schedule is told from any other.
TEST(endings, orders_of_locks_that_could_hang) {
  const auto body = [](bool gate) {
    return [gate] {
      mutex a, b, around;
      const auto both_in = [&](mutex& first, mutex& second) {
        if (gate) around.lock();
        {
          const std::lock_guard outer(first);
          const std::lock_guard inner(second);
        }
        if (gate) around.unlock();
      };
      go([&] { both_in(a, b); });
      sleep_for(1s);
      both_in(b, a);
    };
  };
  const auto r = run(body(false), {.schedules = 1});
  EXPECT_EQ(r.failures[0].kind, lock_order) << r.failures[0].message;
  EXPECT_NE(r.failures[0].report.find("[M07]"), std::string::npos) << r.failures[0].report;
  EXPECT_EQ(run(body(true)).failures[0].message, "none");
}

// Who waits for whom and why, with the objects and where all were made.
TEST(endings, a_report_names_objects_goroutines_and_the_reason) {
  const auto r = run([] {
    auto m = std::make_unique<mutex>();
    auto c = make_chan<int>();
    m->lock();
    go({.name = "taker"}, [&m, c] {
      const std::lock_guard hold(*m);
      c.recv();
    });
    c << 1;
    m->unlock();
  });
  ASSERT_EQ(r.failures[0].kind, deadlock) << r.failures[0].message;
  const std::string& text = r.failures[0].report;
  EXPECT_NE(r.failures[0].message.find("channel operation under a lock that its partner wants [C24]"), std::string::npos) << r.failures[0].message;
  for (const char* part : {"Goroutine 2 (taker) waits for the mutex at 0x", ", held by goroutine 1", "waits to send on the channel at 0x", "Unbuffered channel at 0x",
                           "allocated by goroutine 1", "Goroutine 2 (taker) [running] created by goroutine 1", "endings_test.cpp", "Why: ", "Locks held: mutex 0x"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nis missing in\n" << text;
  }
}

// What came before an exploration without order is not forgotten while the schedules add to it.
TEST(endings, race_with_who_ended_before_the_exploration) {
  static int x = 0;
  go([] { x = 1; });
  while (num_goroutine() != 1) yield();  // orders nothing
  mutex m;
  int sum = 0;
  const auto r = explore::run(
      [&] {
        sum += x;
        m.lock();
        m.unlock();
        sum += x + 1;
        m.lock();
        m.unlock();
        sum += x + 2;
      },
      {.schedules = 3, .stop_on_failure = false, .shrink = false});
  ASSERT_FALSE(r.failures.empty()) << r.verdict;
  EXPECT_EQ(r.failures[0].kind, race);
  EXPECT_FALSE(r.failures[0].schedule.empty()) << "not seen again when the schedule was repeated: " << r.failures[0].report;
}

// A live ticker hides a deadlock from Go.
TEST(endings, deadlock_beside_a_live_ticker) {
  const auto body = [](bool ok) {
    return [ok] {
      auto c = make_chan<int>();
      auto stop = make_chan<unit>();
      go([stop] {
        ticker every(1s);
        for (bool on = true; on;) select(on_recv(every.c(), [](auto) {}), on_recv(stop, [&](auto) { on = false; }));
        every.stop();
      });
      if (ok) go([c] { sleep_for(1h); c << 1; });
      c.recv();
      stop.close();
    };
  };
  const auto r = run(body(false), {.schedules = 1});
  EXPECT_EQ(r.failures[0].kind, deadlock) << r.failures[0].message;
  EXPECT_NE(r.failures[0].message.find("[C14]"), std::string::npos) << r.failures[0].message;
  EXPECT_EQ(run(body(true), {.schedules = 5}).failures[0].message, "none");
}

TEST(endings, leak_only_when_asked) {
  const auto body = [] {
    auto c = make_chan<int>();
    go([c]() mutable { c << 1; });
  };
  EXPECT_EQ(run(body).failures[0].kind, leak);
  EXPECT_EQ(run(body, {.schedules = 50, .leaks = false}).failures[0].message, "none");
}

TEST(endings, panics_and_misuse) {
  EXPECT_EQ(run([] { throw std::runtime_error("oops"); }).failures[0].message, "panic: oops");
  const auto closed = run([] {
    auto c = make_chan<int>(1);
    c.close();
    c << 1;
  });
  EXPECT_EQ(closed.failures[0].kind, channel_misuse);
  const auto unlocked = run([] { mutex().unlock(); });
  EXPECT_EQ(unlocked.failures[0].kind, sync_misuse) << unlocked.failures[0].message;
}

}  // namespace

// The compiler must not know what others do with them.
std::atomic<bool> never{false};
std::atomic<int> shared_count{0};

namespace {

TEST(endings, assert_fails_the_schedule_and_not_the_process) {
  const auto r = run([] { assert(shared_count.load() < 0); });
  EXPECT_EQ(r.failures[0].kind, assertion);
  EXPECT_NE(r.failures[0].message.find("shared_count.load() < 0"), std::string::npos) << r.failures[0].message;
}

TEST(endings, livelock) {
  constexpr int livelock_line = __LINE__ + 1;
  const auto r = run([] { while (!never.load()) {} }, {.schedules = 1, .max_steps = 2000});
  EXPECT_EQ(r.failures[0].kind, livelock) << r.failures[0].message;
  // Where the loop is.
  EXPECT_NE(r.failures[0].message.find("endings_test.cpp:" + std::to_string(livelock_line)), std::string::npos) << r.failures[0].message;
}

TEST(endings, the_time_limit_ends_a_schedule_too) {
  const auto r = run([] {
    for (shared_count.store(0);; shared_count.fetch_xor(1)) {}
  }, {.schedules = 1, .max_steps = 2'000'000'000, .time_limit = 0.2});
  EXPECT_EQ(r.failures[0].message, "none");
  EXPECT_NE(r.verdict.find("stopped by the time limit"), std::string::npos) << r.verdict;
}

TEST(endings, waiting_in_a_loop_for_another_is_none) {
  const auto r = run([] {
    std::atomic<bool> ready{false};
    go([&] { ready.store(true); });
    while (!ready.load()) yield();
  });
  EXPECT_EQ(r.failures[0].message, "none");
}

TEST(endings, too_many_steps_are_said_and_no_failure) {
  const auto r = run([] { for (shared_count.store(0); shared_count.fetch_add(1) < 1000;) {} }, {.schedules = 1, .max_steps = 100});
  EXPECT_EQ(r.failures[0].message, "none");
  EXPECT_NE(r.verdict.find("1 cut at 100 steps"), std::string::npos) << r.verdict;
}

TEST(endings, time_is_virtual) {
  const auto r = run([] {
    const auto before = clock::now();
    sleep_for(24h);
    after(1h).recv();
    if (clock::now() - before != 25h) explore::fail("time went on by itself");
  });
  EXPECT_EQ(r.failures[0].message, "none") << r.failures[0].message;
}

TEST(endings, timers_due_together_come_in_any_order) {
  const auto r = run([] {
    auto c = make_chan<int>(2);
    for (int i = 0; i < 2; ++i) go([c, i]() mutable { sleep_for(1s); c << i; });
    if (*c.recv() == 1) explore::fail("the second came first");
    c.recv();
  });
  EXPECT_EQ(r.failures[0].kind, assertion);
}

TEST(endings, each_ready_case_of_a_select_is_chosen) {
  const auto r = run([] {
    auto a = make_chan<int>(1), b = make_chan<int>(1);
    a << 1;
    b << 2;
    if (select(on_recv(a, [](auto) {}), on_recv(b, [](auto) {})) == 1) explore::fail("the second case");
  });
  EXPECT_EQ(r.failures[0].kind, assertion);
}

TEST(endings, goroutines_that_are_left_are_unwound) {
  struct counted {
    std::atomic<int>& alive;
    explicit counted(std::atomic<int>& n) : alive(n) { ++alive; }
    ~counted() { --alive; }
  };
  static std::atomic<int> alive{0};
  run([] {
    auto c = make_chan<int>();
    auto m = std::make_shared<mutex>();
    auto changed = std::make_shared<cond>(*m);
    go([c]() mutable { const counted one(alive); c.recv(); });
    go([m, changed] { const counted one(alive); const std::lock_guard hold(*m); changed->wait(); });
    go([c]() mutable { const counted one(alive); select(on_recv(c, [](auto) {})); });
    go([] { const counted one(alive); sleep_for(1h); });
  }, {.schedules = 200, .stop_on_failure = false, .shrink = false});
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(race::errors(), 0u);  // one is unwound after the other
}

TEST(endings, locks_of_the_library_are_controlled) {
  const auto r = run([] {
    std::mutex a, b;
    int n = 0;
    wait_group both;
    both.go([&] {
      const std::lock_guard first(a);
      const std::lock_guard second(b);
      ++n;
    });
    both.go([&] {
      const std::lock_guard first(b);
      const std::lock_guard second(a);
      ++n;
    });
    both.wait();
  });
  EXPECT_EQ(r.failures[0].kind, deadlock) << r.failures[0].message;
}

TEST(endings, reader_writer_locks_of_the_library_are_controlled) {
  const auto two = [](auto first, auto second) {
    wait_group both;
    both.go(first);
    both.go(second);
    both.wait();
  };
  const auto right = explore::run([&] {
    std::shared_mutex m;
    int n = 0, seen = 0;
    two([&] { const std::unique_lock hold(m); n = 1; }, [&] { const std::shared_lock hold(m); seen = n; });
    EXPECT_LE(seen, 1);
  }, {.schedules = 200});
  EXPECT_TRUE(right.ok()) << right.failures[0].report;
  EXPECT_EQ(right.schedules, 200u);
  const auto wrong = run([&] {
    std::shared_mutex a, b;
    two([&] { const std::shared_lock first(a); const std::unique_lock second(b); },
        [&] { const std::shared_lock first(b); const std::unique_lock second(a); });
  });
  EXPECT_EQ(wrong.failures[0].kind, deadlock) << wrong.failures[0].message;
}

TEST(endings, what_cannot_be_controlled_is_refused) {
  const auto refused = [](auto body) {
    try {
      explore::run(body);
    } catch (const std::logic_error& e) {
      return std::string(e.what());
    }
    return std::string("none");
  };
  EXPECT_NE(refused([] {
              sem_t tokens;
              sem_init(&tokens, 0, 0);
              timespec soon{1, 0};
              sem_timedwait(&tokens, &soon);
            }).find("a wait with a deadline for a semaphore"), std::string::npos);
  EXPECT_NE(refused([] { std::thread([] {}).join(); }).find("the start of a thread"), std::string::npos);
  EXPECT_NE(refused([] {
              std::mutex m;
              std::condition_variable changed;
              std::unique_lock hold(m);
              changed.wait(hold);
            }).find("a condition variable"), std::string::npos);
  EXPECT_NE(refused([] { std::recursive_mutex().lock(); }).find("a recursive mutex"), std::string::npos);
  EXPECT_NE(refused([] {
              std::once_flag flag;
              std::atomic<bool> failed{false};
              wait_group both;
              for (int i = 0; i < 2; ++i) {
                both.go([&] {
                  try {
                    std::call_once(flag, [&] {
                      yield();
                      if (!failed.exchange(true)) throw std::runtime_error("the first attempt fails");
                    });
                  } catch (const std::runtime_error&) {
                  }
                });
              }
              both.wait();
            }).find("a second attempt at std::call_once"), std::string::npos);
}

TEST(endings, bad_options_are_refused_with_what_is_allowed) {
  const auto message = [](explore::options o) {
    try {
      explore::run([] {}, o);
    } catch (const std::invalid_argument& e) {
      return std::string(e.what());
    }
    return std::string("none");
  };
  EXPECT_NE(message({.strategy = "best"}).find("unknown strategy 'best'; allowed are portfolio"), std::string::npos);
  EXPECT_NE(message({.strategy = "pct:x"}).find("a number from 1 to 100"), std::string::npos);
  EXPECT_NE(message({.strategy = "rf:2"}).find("surw, rf, bounded:PREEMPTIONS"), std::string::npos);
  EXPECT_NE(message({.points = "all"}).find("points must be sync or accesses"), std::string::npos);
  EXPECT_NE(message({.schedules = 0}).find("at least 1"), std::string::npos);
}

}  // namespace
