// Mutexes, shared mutexes, spin locks: the edges of each way to take them, and races on the locks themselves.

#include <pthread.h>
#include <ravel/ravel.hpp>
#include <threads.h>

#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "program.hpp"

using threads_suite::unseen_order;

namespace {

// Three threads that each add to x a hundred times, under whatever `guarded` does.
template <class Guarded>
void count_with(Guarded guarded) {
  int x = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) guarded([&] { ++x; });
    });
  }
  for (std::thread& t : threads) t.join();
  REQUIRE(x == 300);
}

constexpr std::chrono::hours long_enough{1};
timespec in_an_hour(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  t.tv_sec += 3600;
  return t;
}

}  // namespace

RAVEL_PROGRAM(norace_mutex) {
  std::mutex m;
  count_with([&](auto f) { const std::lock_guard hold(m); f(); });
}

RAVEL_PROGRAM(norace_mutex_by_try_lock) {
  std::mutex m;
  count_with([&](auto f) {
    while (!m.try_lock()) std::this_thread::yield();
    f();
    m.unlock();
  });
}

RAVEL_PROGRAM(norace_timed_mutex) {
  std::timed_mutex m;
  count_with([&](auto f) {
    REQUIRE(m.try_lock_for(long_enough));
    f();
    m.unlock();
    REQUIRE(m.try_lock_until(std::chrono::system_clock::now() + long_enough));
    m.unlock();
  });
}

RAVEL_PROGRAM(norace_recursive_mutex) {
  std::recursive_mutex m;
  count_with([&](auto f) {
    const std::lock_guard outer(m);
    { const std::lock_guard inner(m); }
    f();
  });
}

RAVEL_PROGRAM(norace_scoped_lock_of_two) {
  std::mutex a, b;
  count_with([&](auto f) { const std::scoped_lock hold(a, b); f(); });
}

RAVEL_PROGRAM(norace_pthread_mutex_in_all_ways) {
  pthread_mutex_t m;
  REQUIRE(pthread_mutex_init(&m, nullptr) == 0);
  count_with([&](auto f) {
    const timespec realtime = in_an_hour(CLOCK_REALTIME), monotonic = in_an_hour(CLOCK_MONOTONIC);
    REQUIRE(pthread_mutex_timedlock(&m, &realtime) == 0);
    f();
    pthread_mutex_unlock(&m);
    REQUIRE(pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &monotonic) == 0);
    pthread_mutex_unlock(&m);
  });
  REQUIRE(pthread_mutex_destroy(&m) == 0);
}

RAVEL_PROGRAM(norace_c11_mutex) {
  mtx_t m;
  REQUIRE(mtx_init(&m, mtx_timed) == thrd_success);
  count_with([&](auto f) {
    const timespec until = in_an_hour(CLOCK_REALTIME);
    REQUIRE(mtx_timedlock(&m, &until) == thrd_success);
    f();
    mtx_unlock(&m);
    mtx_lock(&m);
    mtx_unlock(&m);
  });
  mtx_destroy(&m);
}

RAVEL_PROGRAM(norace_spin_lock) {
  pthread_spinlock_t s;
  REQUIRE(pthread_spin_init(&s, PTHREAD_PROCESS_PRIVATE) == 0);
  count_with([&](auto f) {
    if (pthread_spin_trylock(&s) != 0) pthread_spin_lock(&s);
    f();
    pthread_spin_unlock(&s);
  });
  pthread_spin_destroy(&s);
}

RAVEL_PROGRAM(norace_file_lock) {
  count_with([&](auto f) {
    flockfile(stdout);
    f();
    funlockfile(stdout);
  });
}

RAVEL_PROGRAM(race_two_mutexes_for_one_variable) {
  static int& x = threads_suite::shared_int;
  static std::mutex a, b;
  std::thread t([] { const std::lock_guard hold(a); x = 1; });
  { const std::lock_guard hold(b); x = 2; }
  t.join();
}

RAVEL_PROGRAM(race_after_unlock) {
  static int& x = threads_suite::shared_int;
  static std::mutex m;
  unseen_order o;
  std::thread t([&] {
    { const std::lock_guard hold(m); }
    x = 1;
    o.reach(1);
  });
  o.wait_for(1);
  { const std::lock_guard hold(m); x = 2; }
  t.join();
}

RAVEL_PROGRAM(race_when_try_lock_failed) {
  static int& x = threads_suite::shared_int;
  static std::mutex m;
  unseen_order o;
  std::thread t([&] {
    const std::lock_guard hold(m);
    x = 1;
    o.reach(1);
    o.wait_for(2);
  });
  o.wait_for(1);
  REQUIRE(!m.try_lock());
  x = 2;
  o.reach(2);
  t.join();
}

// Who unlocks knows nothing of those who held the mutex before; who locks it next still learns of them.
RAVEL_PROGRAM(norace_unlocked_by_another_thread) {
  int x = 0;
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  unseen_order o;
  std::thread first([&] {
    pthread_mutex_lock(&m);
    ++x;
    pthread_mutex_unlock(&m);
    o.reach(1);
  });
  std::thread locks([&] {
    o.wait_for(1);
    pthread_mutex_lock(&m);
    o.reach(2);
  });
  std::thread unlocks([&] {
    o.wait_for(2);
    pthread_mutex_unlock(&m);
    o.reach(3);
  });
  o.wait_for(3);
  pthread_mutex_lock(&m);
  REQUIRE(++x == 2);
  pthread_mutex_unlock(&m);
  first.join();
  locks.join();
  unlocks.join();
}

RAVEL_PROGRAM(norace_shared_mutex) {
  std::shared_mutex m;
  int x = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 100; ++k) {
        if (i % 2 == 0) {
          const std::unique_lock hold(m);
          ++x;
        } else {
          const std::shared_lock hold(m);
          REQUIRE(x >= 0);
        }
      }
    });
  }
  for (std::thread& t : threads) t.join();
}

RAVEL_PROGRAM(norace_shared_timed_mutex) {
  std::shared_timed_mutex m;
  count_with([&](auto f) {
    REQUIRE(m.try_lock_for(long_enough));
    f();
    m.unlock();
    REQUIRE(m.try_lock_shared_for(long_enough));
    m.unlock_shared();
  });
}

RAVEL_PROGRAM(norace_rwlock_in_all_ways) {
  pthread_rwlock_t l;
  REQUIRE(pthread_rwlock_init(&l, nullptr) == 0);
  count_with([&](auto f) {
    const timespec realtime = in_an_hour(CLOCK_REALTIME), monotonic = in_an_hour(CLOCK_MONOTONIC);
    REQUIRE(pthread_rwlock_timedwrlock(&l, &realtime) == 0);
    f();
    pthread_rwlock_unlock(&l);
    REQUIRE(pthread_rwlock_clockwrlock(&l, CLOCK_MONOTONIC, &monotonic) == 0);
    pthread_rwlock_unlock(&l);
    REQUIRE(pthread_rwlock_timedrdlock(&l, &realtime) == 0);
    pthread_rwlock_unlock(&l);
    REQUIRE(pthread_rwlock_clockrdlock(&l, CLOCK_MONOTONIC, &monotonic) == 0);
    pthread_rwlock_unlock(&l);
    while (pthread_rwlock_trywrlock(&l) != 0) std::this_thread::yield();
    pthread_rwlock_unlock(&l);
    while (pthread_rwlock_tryrdlock(&l) != 0) std::this_thread::yield();
    pthread_rwlock_unlock(&l);
  });
  REQUIRE(pthread_rwlock_destroy(&l) == 0);
}

RAVEL_PROGRAM(race_write_under_a_read_lock) {
  static int& x = threads_suite::shared_int;
  static std::shared_mutex m;
  std::thread t([] { const std::shared_lock hold(m); x = 1; });
  { const std::shared_lock hold(m); x = 2; }
  t.join();
}

// Readers are not ordered with each other, not even when their locks never overlap.
RAVEL_PROGRAM(race_readers_one_after_the_other) {
  static int& x = threads_suite::shared_int;
  static std::shared_mutex m;
  unseen_order o;
  std::thread t([&] {
    { const std::shared_lock hold(m); x = 1; }
    o.reach(1);
  });
  o.wait_for(1);
  { const std::shared_lock hold(m); x = 2; }
  t.join();
}

RAVEL_PROGRAM(norace_readers_before_a_writer_before_a_reader) {
  int x = 0;
  std::shared_mutex m;
  unseen_order o;
  std::thread a([&] { { const std::shared_lock hold(m); x = 1; } o.reach(1); });
  std::thread b([&] { o.wait_for(1); { const std::unique_lock hold(m); } o.reach(2); });
  o.wait_for(2);
  { const std::shared_lock hold(m); REQUIRE(x == 1); }
  a.join();
  b.join();
}

RAVEL_PROGRAM(race_mutex_destroyed_in_use) {
  static pthread_mutex_t m;
  pthread_mutex_init(&m, nullptr);
  unseen_order o;
  std::thread t([&] {
    pthread_mutex_lock(&m);
    pthread_mutex_unlock(&m);
    o.reach(1);
  });
  o.wait_for(1);
  pthread_mutex_destroy(&m);
  t.join();
}

RAVEL_PROGRAM(race_mutex_initialised_in_use) {
  static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  unseen_order o;
  std::thread t([&] {
    pthread_mutex_lock(&m);
    pthread_mutex_unlock(&m);
    o.reach(1);
  });
  o.wait_for(1);
  pthread_mutex_init(&m, nullptr);
  t.join();
}

RAVEL_PROGRAM(race_mutex_freed_in_use) {
  auto* m = new std::mutex;
  unseen_order o;
  std::thread t([&] {
    { const std::lock_guard hold(*m); }
    o.reach(1);
  });
  o.wait_for(1);
  delete m;
  t.join();
}

// The last to hold it may free it: a reference count under the lock it counts for.
RAVEL_PROGRAM(norace_mutex_freed_by_its_last_holder) {
  struct counted { std::mutex m; int holders = 3; };
  auto* c = new counted;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([c] {
      c->m.lock();
      const bool last = --c->holders == 0;
      c->m.unlock();
      if (last) delete c;
    });
  }
  for (std::thread& t : threads) t.join();
}

RAVEL_PROGRAM(norace_mutex_made_again_in_the_same_place) {
  for (int i = 0; i < 50; ++i) {
    pthread_mutex_t m;
    pthread_mutex_init(&m, nullptr);
    int x = 0;
    std::thread t([&] { pthread_mutex_lock(&m); ++x; pthread_mutex_unlock(&m); });
    pthread_mutex_lock(&m);
    ++x;
    pthread_mutex_unlock(&m);
    t.join();
    pthread_mutex_destroy(&m);
  }
}

RAVEL_PROGRAM(norace_goroutines_and_threads_share_a_mutex) {
  std::mutex m;
  int x = 0;
  ravel::wait_group done;
  for (int i = 0; i < 20; ++i) {
    done.add(1);
    ravel::go([&] {
      for (int k = 0; k < 50; ++k) {
        { const std::lock_guard hold(m); ++x; }
        ravel::yield();
      }
      done.done();
    });
  }
  std::thread t([&] {
    for (int k = 0; k < 1000; ++k) { const std::lock_guard hold(m); ++x; }
  });
  done.wait();
  t.join();
  REQUIRE(x == 2000);
}

// The runtime starts threads of its own meanwhile, by goroutines that made work for them: that orders nothing.
RAVEL_PROGRAM(race_between_goroutines_while_machines_start) {
  static int& x = threads_suite::shared_int;
  ravel::wait_group done;
  for (int i = 0; i < 8; ++i) {
    done.add(1);
    ravel::go([&] {
      x = 1;
      done.done();
    });
  }
  done.wait();
}
