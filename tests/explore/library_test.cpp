// What bodies may call of the C and C++ library: time and chance are the schedule's own, so that it replays; waits by futex and semaphore let
// other goroutines go on.
#include <ravel/ravel.hpp>
#include <ravel/explore.hpp>

#include <gtest/gtest.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <future>
#include <latch>
#include <random>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace explore = ravel::explore;
using namespace std::chrono_literals;

namespace {

explore::result sampled(void (*body)(), std::uint64_t schedules = 60) {
  explore::options o;
  o.schedules = schedules;
  return explore::run(body, o);
}

std::string all_of(const explore::result& r) {
  std::string text = r.verdict;
  for (const explore::failure& f : r.failures) text += "\n" + f.message + "\n" + f.report;
  return text;
}

// A failing schedule's line fails again each time.
void replays(void (*body)(), const std::string& line, int times = 100) {
  for (int i = 0; i < times; ++i) {
    const explore::result again = explore::replay(body, line);
    ASSERT_FALSE(again.ok()) << i << ": " << again.verdict;
  }
}

}  // namespace

TEST(library, clocks_are_virtual) {
  const explore::result r = sampled([] {
    const auto steady = std::chrono::steady_clock::now();
    const auto calendar = std::chrono::system_clock::now();
    timespec coarse{};
    clock_gettime(CLOCK_REALTIME_COARSE, &coarse);
    timeval old{};
    gettimeofday(&old, nullptr);
    // Midnight, 1 January 2000, as in Go's bubbles.
    if (calendar.time_since_epoch() != 946'684'800s) explore::fail("system_clock is real");
    if (coarse.tv_sec != 946'684'800 || old.tv_sec != 946'684'800 || time(nullptr) != 946'684'800) explore::fail("the C library's clock is real");
    std::this_thread::sleep_for(24h);  // virtual: were it real, the test's time limit would end it
    sleep(1);
    usleep(1000);
    if (std::chrono::steady_clock::now() - steady != 24h + 1s + 1ms) explore::fail("sleeping took other than virtual time");
    if (std::chrono::system_clock::now() - calendar != 24h + 1s + 1ms) explore::fail("the calendar went on otherwise");
    std::this_thread::sleep_until(calendar + 48h);
    if (std::chrono::steady_clock::now() - steady != 48h) explore::fail("sleep_until");
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
}

TEST(library, sleeping_is_a_scheduling_point) {
  const explore::result r = sampled([] {
    std::atomic<int> order{0};
    ravel::wait_group wg;
    wg.go([&] {
      std::this_thread::sleep_for(2s);
      order = order * 10 + 2;
    });
    wg.go([&] {
      std::this_thread::sleep_for(1s);
      order = order * 10 + 1;
    });
    wg.wait();
    if (order != 12) explore::fail("the shorter sleep must end first");
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
}

TEST(library, a_loop_over_the_clock_ends) {
  const explore::result r = sampled([] {
    const auto until = std::chrono::steady_clock::now() + 50ms;
    while (std::chrono::steady_clock::now() < until) {}
    const auto later = ravel::clock::now() + 50ms;
    while (ravel::clock::now() < later) std::this_thread::yield();
    std::atomic<bool> done{false};
    ravel::go([&] {
      std::this_thread::sleep_for(20ms);
      done = true;
    });
    const time_t at_most = time(nullptr) + 2;
    while (!done && time(nullptr) < at_most) std::this_thread::yield();
    if (!done) explore::fail("time passed beyond a sleeper");
  }, 20);
  EXPECT_TRUE(r.ok()) << all_of(r);
}

namespace {

std::uint64_t drawn_by_all() {
  std::uint64_t sum = static_cast<std::uint64_t>(std::random_device{}()) * 3 + static_cast<std::uint64_t>(rand()) * 5 + static_cast<std::uint64_t>(random());
  std::uint64_t bytes = 0;
  if (getrandom(&bytes, sizeof bytes, 0) != sizeof bytes) explore::fail("getrandom");
  sum = sum * 31 + bytes;
  if (getentropy(&bytes, sizeof bytes) != 0) explore::fail("getentropy");
  return sum * 31 + bytes + static_cast<std::uint64_t>(lrand48());
}

// Fails for a part of what may be drawn, by several goroutines that do not know each other.
void hidden_chance() {
  std::atomic<std::uint64_t> sum{0};
  ravel::wait_group wg;
  for (int i = 0; i < 3; ++i) wg.go([&] { sum += drawn_by_all() % 4; });
  wg.wait();
  if (sum.load() == 3) explore::fail("the unlucky number");
}

// Which of two comes first depends on a delay that is drawn, and on the clock.
void hidden_time() {
  std::atomic<int> last{0};
  ravel::wait_group wg;
  for (int i = 1; i <= 2; ++i) {
    wg.go([&, i] {
      std::mt19937 engine(std::random_device{}());
      std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<>(1, 1000)(engine)));
      last = i;
    });
  }
  const auto from = std::chrono::steady_clock::now();
  wg.wait();
  const auto took = std::chrono::steady_clock::now() - from;
  if (last == 1 && took > 100us) explore::fail("the first came last");
}

}  // namespace

TEST(library, hidden_chance_replays) {
  const explore::result r = sampled(hidden_chance, 2000);
  ASSERT_FALSE(r.ok()) << r.verdict;
  replays(hidden_chance, r.failures.front().schedule);
}

TEST(library, hidden_time_replays) {
  const explore::result r = sampled(hidden_time, 2000);
  ASSERT_FALSE(r.ok()) << r.verdict;
  replays(hidden_time, r.failures.front().schedule);
}

TEST(library, chance_differs_between_schedules_and_draws) {
  static std::atomic<std::uint64_t> seen_first, different;
  seen_first = different = 0;
  const explore::result r = sampled([] {
    const std::uint64_t n = drawn_by_all();
    if (n == drawn_by_all()) explore::fail("two draws are equal");
    if (seen_first == 0) seen_first = n;
    else if (seen_first != n) ++different;
  }, 100);
  EXPECT_TRUE(r.ok()) << all_of(r);
  EXPECT_GT(different.load(), 0u);
}

TEST(library, a_seed_of_the_programs_own_gives_one_sequence) {
  const explore::result r = sampled([] {
    srand(7);
    const int a = rand();
    srand(8);
    const int b = rand();
    srand(7);
    if (rand() != a || a == b) explore::fail("srand does not begin a sequence");
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
}

TEST(library, nothing_changes_outside_of_schedules) {
  timespec a{}, b{};
  ASSERT_EQ(clock_gettime(CLOCK_REALTIME, &a), 0);
  EXPECT_GT(a.tv_sec, 1'700'000'000);
  ASSERT_EQ(clock_gettime(CLOCK_MONOTONIC, &a), 0);
  ASSERT_EQ(usleep(2000), 0);
  ASSERT_EQ(clock_gettime(CLOCK_MONOTONIC, &b), 0);
  EXPECT_GE((b.tv_sec - a.tv_sec) * 1'000'000'000 + b.tv_nsec - a.tv_nsec, 2'000'000);
  srand(1);
  const int first = rand();
  srand(1);
  EXPECT_EQ(rand(), first);
}

TEST(library, atomic_wait_lets_others_go_on) {
  const explore::result r = sampled([] {
    std::atomic<int> turn{0};
    int plain = 0;
    ravel::wait_group wg;
    wg.go([&] {
      turn.wait(0);
      if (plain != 1) explore::fail("woken before its turn");
      plain = 2;
      turn = 2;
      turn.notify_all();
    });
    wg.go([&] {
      plain = 1;
      turn = 1;
      turn.notify_all();
    });
    turn.wait(0);
    turn.wait(1);
    if (plain != 2) explore::fail("main was woken before its turn");
    wg.wait();
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
}

TEST(library, latch_barrier_and_semaphore) {
  const explore::result r = sampled([] {
    std::latch begun(3);
    std::barrier together(3);
    std::counting_semaphore<2> tokens(2);
    std::atomic<int> inside{0};
    ravel::wait_group wg;
    for (int i = 0; i < 3; ++i) {
      wg.go([&] {
        begun.arrive_and_wait();
        tokens.acquire();
        if (++inside > 2) explore::fail("three have got two tokens");
        --inside;
        tokens.release();
        together.arrive_and_wait();
      });
    }
    wg.wait();
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
}

TEST(library, a_semaphores_deadline_passes_in_virtual_time) {
  const explore::result r = sampled([] {
    std::binary_semaphore token(0);
    const auto from = std::chrono::steady_clock::now();
    if (token.try_acquire_for(10s)) explore::fail("nobody gave a token");
    if (std::chrono::steady_clock::now() - from < 10s) explore::fail("it came back too early");
    ravel::go([&] {
      std::this_thread::sleep_for(1s);
      token.release();
    });
    if (!token.try_acquire_for(10s)) explore::fail("the token was given");
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
}

namespace {

// Initialised once in a process, so each schedule has one of its own.
template <std::size_t Schedule>
int seven() {
  static const int n = [] {
    ravel::yield();
    return 7;
  }();
  return n;
}

template <std::size_t... Schedules>
int (*seven_of(std::size_t schedule, std::index_sequence<Schedules...>))() {
  static constexpr int (*each[])() = {seven<Schedules>...};
  return each[schedule];
}

}  // namespace

TEST(library, futures_and_statics_wait_as_goroutines) {
  const explore::result r = sampled([] {
    std::promise<int> p;
    std::future<int> f = p.get_future();
    ravel::go([&] { p.set_value(7); });
    if (f.get() != 7) explore::fail("future");
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
  static std::atomic<std::size_t> schedule;
  schedule = 0;
  const explore::result statics = sampled([] {
    const auto get = seven_of(schedule++ % 60, std::make_index_sequence<60>());
    ravel::wait_group wg;
    for (int i = 0; i < 2; ++i) {
      wg.go([=] {
        if (get() != 7) explore::fail("static");
      });
    }
    wg.wait();
  }, 60);
  EXPECT_TRUE(statics.ok()) << all_of(statics);
}

TEST(library, semaphores_of_the_c_library) {
  const explore::result r = sampled([] {
    sem_t s;
    sem_init(&s, 0, 0);
    int plain = 0;
    ravel::go([&] {
      plain = 1;
      sem_post(&s);
    });
    sem_wait(&s);
    if (plain != 1) explore::fail("woken without a token");
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
}

// Both goroutines are past the point before lock() when the first gets it: the second must be held back, or the only thread sleeps in the library.
template <class Lock, class Unlock>
void one_at_a_time(Lock lock, Unlock unlock) {
  int plain = 0;
  ravel::wait_group wg;
  for (int i = 0; i < 2; ++i) {
    wg.go([&, i] {
      lock(i);
      const int before = plain;
      ravel::yield();
      plain = before + 1;
      unlock();
    });
  }
  wg.wait();
  if (plain != 2) explore::fail("both were inside at once");
}

TEST(library, spin_locks) {
  const explore::result r = sampled([] {
    pthread_spinlock_t s;
    pthread_spin_init(&s, PTHREAD_PROCESS_PRIVATE);
    one_at_a_time([&](int) { pthread_spin_lock(&s); }, [&] { pthread_spin_unlock(&s); });
    one_at_a_time([&](int i) {
      if (i == 0) pthread_spin_lock(&s);
      else while (pthread_spin_trylock(&s) != 0) {}
    }, [&] { pthread_spin_unlock(&s); });
    pthread_spin_destroy(&s);
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
}

TEST(library, tries_of_read_write_locks) {
  const explore::result r = sampled([] {
    std::shared_mutex m;
    one_at_a_time([&](int i) {
      if (i == 0) m.lock();
      else while (!m.try_lock()) {}
    }, [&] { m.unlock(); });
    int plain = 0;
    ravel::wait_group wg;
    wg.go([&] {
      while (!m.try_lock_shared()) {}
      const int seen = plain;
      ravel::yield();
      if (plain != seen) explore::fail("written while it was read");
      m.unlock_shared();
    });
    wg.go([&] {
      m.lock();
      ++plain;
      ravel::yield();
      ++plain;
      m.unlock();
    });
    wg.wait();
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
}

// One that finds the lock taken is refused; one that gets it holds back those who have passed the point before a lock without a deadline.
TEST(library, waits_with_a_deadline_that_end_at_once) {
  static constexpr timespec until{4'000'000'000, 0};
  const auto both = [](auto lock, auto with_deadline, auto without, auto unlock) {
    int ended = 0, refused = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const auto body = [&] {
        auto mine = lock;
        ravel::wait_group wg;
        wg.go([&] {
          with_deadline(&mine);
          ravel::yield();
          unlock(&mine);
        });
        wg.go([&] {
          without(&mine);
          ravel::yield();
          unlock(&mine);
        });
        wg.wait();
      };
      try {
        const explore::result r = explore::run(body, {.schedules = 1, .strategy = "random", .seed = seed});
        EXPECT_TRUE(r.ok()) << all_of(r);
        ++ended;
      } catch (const std::logic_error& e) {
        EXPECT_NE(std::string(e.what()).find("a wait with a deadline"), std::string::npos) << e.what();
        ++refused;
      }
    }
    EXPECT_GT(ended, 0);
    EXPECT_GT(refused, 0);
  };
  const pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  both(m, [](auto* p) { pthread_mutex_timedlock(p, &until); }, pthread_mutex_lock, pthread_mutex_unlock);
  const pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
  both(l, [](auto* p) { pthread_rwlock_timedwrlock(p, &until); }, pthread_rwlock_rdlock, pthread_rwlock_unlock);
  both(l, [](auto* p) { pthread_rwlock_timedrdlock(p, &until); }, pthread_rwlock_wrlock, pthread_rwlock_unlock);
  sem_t s;
  sem_init(&s, 0, 1);
  both(s, [](auto* p) { sem_timedwait(p, &until); }, sem_wait, sem_post);
}

TEST(library, a_lost_notification_is_a_deadlock) {
  explore::options o;
  o.schedules = 2000;
  const auto body = [] {
    std::atomic<int> ready{0};
    ravel::go([&] {
      ready.notify_one();  // too early, in some schedules
      ready = 1;
    });
    ready.wait(0);
  };
  const explore::result r = explore::run(body, o);
  ASSERT_FALSE(r.ok()) << r.verdict;
  EXPECT_EQ(r.failures.front().kind, explore::kind::deadlock) << all_of(r);
  EXPECT_NE(r.failures.front().message.find("[std::atomic wait]"), std::string::npos) << all_of(r);
  EXPECT_FALSE(explore::replay(body, r.failures.front().schedule).ok());
}

TEST(library, call_once_waits_for_the_one_that_runs) {
  const explore::result r = sampled([] {
    std::once_flag flag;
    int made = 0;
    ravel::wait_group wg;
    for (int i = 0; i < 2; ++i) {
      wg.go([&] {
        std::call_once(flag, [&] {
          ravel::yield();
          ++made;
        });
        if (made != 1) explore::fail("call_once returned before it was done");
      });
    }
    wg.wait();
  });
  EXPECT_TRUE(r.ok()) << all_of(r);
}
