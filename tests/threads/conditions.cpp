// Waiting: condition variables, semaphores, barriers.

#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "program.hpp"

using threads_suite::unseen_order;

RAVEL_PROGRAM(norace_condition) {
  std::mutex m;
  std::condition_variable c;
  bool ready = false;
  int x = 0;
  std::thread t([&] {
    x = 1;
    {
      const std::lock_guard hold(m);
      ready = true;
    }
    c.notify_one();
  });
  {
    std::unique_lock hold(m);
    c.wait(hold, [&] { return ready; });
  }
  REQUIRE(++x == 2);
  t.join();
}

RAVEL_PROGRAM(norace_timed_condition) {
  std::mutex m;
  std::condition_variable c;
  int x = 0, turn = 0;
  std::thread t([&] {
    std::unique_lock hold(m);
    for (int i = 0; i < 50; ++i) {
      c.wait_for(hold, std::chrono::hours(1), [&] { return turn == 1; });
      ++x;
      turn = 0;
      c.notify_all();
    }
  });
  {
    std::unique_lock hold(m);
    for (int i = 0; i < 50; ++i) {
      turn = 1;
      c.notify_all();
      c.wait_until(hold, std::chrono::system_clock::now() + std::chrono::hours(1), [&] { return turn == 0; });
      ++x;
    }
  }
  t.join();
  REQUIRE(x == 100);
}

RAVEL_PROGRAM(norace_condition_any_of_a_shared_mutex) {
  std::mutex m;
  std::condition_variable_any c;
  bool ready = false;
  std::thread t([&] {
    const std::lock_guard hold(m);
    ready = true;
    c.notify_all();
  });
  {
    std::unique_lock hold(m);
    c.wait(hold, [&] { return ready; });
  }
  t.join();
}

// A wait that times out has unlocked and locked the mutex all the same.
RAVEL_PROGRAM(norace_wait_that_times_out) {
  std::mutex m;
  std::condition_variable c;
  int x = 0;
  std::thread t([&] {
    for (int i = 0; i < 20; ++i) {
      const std::lock_guard hold(m);
      ++x;
    }
  });
  {
    std::unique_lock hold(m);
    for (int i = 0; i < 20; ++i) {
      c.wait_for(hold, std::chrono::microseconds(100));
      ++x;
    }
  }
  t.join();
  REQUIRE(x == 40);
}

RAVEL_PROGRAM(norace_c11_condition) {
  mtx_t m;
  cnd_t c;
  mtx_init(&m, mtx_plain);
  cnd_init(&c);
  bool ready = false;
  int x = 0;
  std::thread t([&] {
    x = 1;
    mtx_lock(&m);
    ready = true;
    cnd_signal(&c);
    mtx_unlock(&m);
  });
  mtx_lock(&m);
  while (!ready) cnd_wait(&c, &m);
  mtx_unlock(&m);
  REQUIRE(++x == 2);
  t.join();
  cnd_destroy(&c);
  mtx_destroy(&m);
}

RAVEL_PROGRAM(race_flag_written_without_the_mutex) {
  static std::mutex m;
  static std::condition_variable c;
  static bool ready;
  std::thread t([] {
    ready = true;
    c.notify_one();
  });
  {
    std::unique_lock hold(m);
    while (!ready) c.wait_for(hold, std::chrono::milliseconds(1));
  }
  t.join();
}

// Signalled after the unlock, while the one it was for saw the flag already and has gone on to destroy it.
RAVEL_PROGRAM(race_condition_destroyed_while_signalled) {
  auto* c = new std::condition_variable;
  unseen_order o;
  std::thread t([&] {
    c->notify_one();
    o.reach(1);
  });
  o.wait_for(1);
  delete c;
  t.join();
}

RAVEL_PROGRAM(norace_semaphore) {
  sem_t s;
  REQUIRE(sem_init(&s, 0, 0) == 0);
  int x = 0;
  std::thread t([&] {
    x = 1;
    sem_post(&s);
  });
  while (sem_wait(&s) != 0) {}
  REQUIRE(++x == 2);
  t.join();
  sem_destroy(&s);
}

RAVEL_PROGRAM(norace_semaphore_in_all_ways) {
  sem_t s;
  REQUIRE(sem_init(&s, 0, 1) == 0);
  int x = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        timespec realtime{}, monotonic{};
        clock_gettime(CLOCK_REALTIME, &realtime);
        clock_gettime(CLOCK_MONOTONIC, &monotonic);
        realtime.tv_sec += 3600;
        monotonic.tv_sec += 3600;
        REQUIRE(sem_timedwait(&s, &realtime) == 0);
        ++x;
        sem_post(&s);
        REQUIRE(sem_clockwait(&s, CLOCK_MONOTONIC, &monotonic) == 0);
        ++x;
        sem_post(&s);
        while (sem_trywait(&s) != 0) std::this_thread::yield();
        ++x;
        sem_post(&s);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  REQUIRE(x == 450);
  sem_destroy(&s);
}

RAVEL_PROGRAM(race_with_two_tokens) {
  static sem_t s;
  static int& x = threads_suite::shared_int;
  sem_init(&s, 0, 2);
  const auto enter = [] {
    sem_wait(&s);
    x = 1;
    sem_post(&s);
  };
  unseen_order o;
  std::thread a([&] {
    sem_wait(&s);
    x = 1;
    o.reach(1);
    o.wait_for(2);
    sem_post(&s);
  });
  o.wait_for(1);
  enter();
  o.reach(2);
  a.join();
}

RAVEL_PROGRAM(norace_barrier) {
  pthread_barrier_t b;
  REQUIRE(pthread_barrier_init(&b, nullptr, 4) == 0);
  int values[4] = {};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 100; ++round) {
        values[i] = round;
        pthread_barrier_wait(&b);
        REQUIRE(values[(i + 1) % 4] == round);
        pthread_barrier_wait(&b);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  REQUIRE(pthread_barrier_destroy(&b) == 0);
}

RAVEL_PROGRAM(race_before_the_barrier) {
  static pthread_barrier_t b;
  static int& x = threads_suite::shared_int;
  pthread_barrier_init(&b, nullptr, 2);
  std::thread t([] {
    x = 1;
    pthread_barrier_wait(&b);
  });
  x = 2;
  pthread_barrier_wait(&b);
  t.join();
}

RAVEL_PROGRAM(race_after_the_barrier) {
  static pthread_barrier_t b;
  static int& x = threads_suite::shared_int;
  pthread_barrier_init(&b, nullptr, 2);
  std::thread t([] {
    pthread_barrier_wait(&b);
    x = 1;
  });
  pthread_barrier_wait(&b);
  x = 2;
  t.join();
}

RAVEL_PROGRAM(norace_barrier_destroyed_after_the_last_round) {
  for (int i = 0; i < 20; ++i) {
    auto* b = new pthread_barrier_t;
    pthread_barrier_init(b, nullptr, 2);
    std::thread t([=] { pthread_barrier_wait(b); });
    pthread_barrier_wait(b);
    pthread_barrier_destroy(b);
    delete b;
    t.join();
  }
}
