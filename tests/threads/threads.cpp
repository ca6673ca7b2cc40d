// Creation, end, join and detaching of threads; what they leave behind.

#include <limits.h>
#include <pthread.h>
#include <ravel/ravel.hpp>
#include <sys/resource.h>
#include <threads.h>

#include <cerrno>
#include <limits>
#include <string>
#include <vector>

#include "program.hpp"

using threads_suite::unseen_order;

RAVEL_PROGRAM(norace_create_and_join) {
  int x = 1;
  std::thread t([&] { ++x; });
  t.join();
  REQUIRE(++x == 3);
}

RAVEL_PROGRAM(race_with_creator) {
  int x = 0;
  std::thread t([&] { x = 1; });
  x = 2;
  t.join();
}

RAVEL_PROGRAM(race_between_siblings) {
  int x = 0;
  std::thread a([&] { x = 1; }), b([&] { x = 2; });
  a.join();
  b.join();
}

RAVEL_PROGRAM(race_with_a_finished_thread) {
  static int& x = threads_suite::shared_int;
  unseen_order o;
  std::thread t([&] {
    x = 1;
    o.reach(1);
  });
  o.wait_for(1);
  t.detach();
  x = 2;
}

// A thread that was joined has told its creator all; one that was joined by another has told him nothing.
RAVEL_PROGRAM(race_after_somebody_else_joined) {
  static int& x = threads_suite::shared_int;
  unseen_order o;
  std::thread worker([] { x = 1; });
  std::thread joiner([&] {
    worker.join();
    o.reach(1);
  });
  o.wait_for(1);
  x = 2;
  joiner.join();
}

RAVEL_PROGRAM(norace_join_passes_on_what_was_joined) {
  int x = 0;
  std::thread outer([&] {
    std::thread inner([&] { x = 1; });
    inner.join();
  });
  outer.join();
  REQUIRE(++x == 2);
}

RAVEL_PROGRAM(norace_three_thousand_threads_in_turn) {
  int x = 0;
  for (int i = 0; i < 3000; ++i) std::thread([&] { ++x; }).join();
  REQUIRE(x == 3000);
}

// What the detector keeps for a thread goes when the thread goes.
RAVEL_PROGRAM(norace_threads_leave_no_memory_behind) {
  int x = 0;
  const auto megabytes_after = [&](int threads) {
    for (int i = 0; i < threads; ++i) std::thread([&] { ++x; }).join();
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss >> 10;
  };
  const long before = megabytes_after(500);
  REQUIRE(megabytes_after(3000) < before + 30);
}

RAVEL_PROGRAM(race_found_after_three_hundred_threads) {
  static int& x = threads_suite::shared_int;
  unseen_order o;
  std::thread writer([&] {
    x = 1;
    o.reach(1);
    o.wait_for(2);
  });
  o.wait_for(1);
  for (int i = 0; i < 300; ++i) std::thread([] {}).join();
  REQUIRE(x == 1);
  o.reach(2);
  writer.join();
}

// glibc gives the stack and the thread-local variables of a finished thread to the next one.
thread_local std::string local = "long enough to need memory of its own";
RAVEL_PROGRAM(norace_stacks_and_thread_locals_are_reused) {
  unseen_order ended;
  for (int i = 0; i < 200; ++i) {
    std::thread([&] {
      volatile char frame[4000];
      for (volatile char& c : frame) c = 1;
      local += "x";
      ended.count();
    }).detach();
    ended.wait_for(i + 1);
  }
}

struct writes_at_end {
  int* to = nullptr;
  ~writes_at_end() {
    if (to != nullptr) ++*to;
  }
};
thread_local writes_at_end destroyed_late;
RAVEL_PROGRAM(norace_destructor_of_a_thread_local_before_join) {
  int x = 0;
  std::thread t([&] { destroyed_late.to = &x; });
  t.join();
  REQUIRE(++x == 2);
}

RAVEL_PROGRAM(norace_destructor_of_a_key_before_join) {
  static pthread_key_t key;
  static int& x = threads_suite::shared_int;
  // Comes back until the last round but one.
  static const auto again = [](void* rounds) {
    ++x;
    const auto left = reinterpret_cast<std::uintptr_t>(rounds) - 1;
    if (left != 0) pthread_setspecific(key, reinterpret_cast<void*>(left));
  };
  REQUIRE(pthread_key_create(&key, +again) == 0);
  std::thread t([] { pthread_setspecific(key, reinterpret_cast<void*>(std::uintptr_t{PTHREAD_DESTRUCTOR_ITERATIONS - 1})); });
  t.join();
  REQUIRE(++x == PTHREAD_DESTRUCTOR_ITERATIONS);
}

RAVEL_PROGRAM(race_with_the_destructor_of_a_thread_local) {
  static int& x = threads_suite::shared_int;
  std::thread t([] { destroyed_late.to = &x; });
  x = 2;
  t.join();
}

// By a pointer from main too, which may go on in another OS thread at any call. In both orders: which access is found when the other has
// been made is not the same question twice.
RAVEL_PROGRAM(race_on_a_thread_local_of_another) {
  static thread_local int mine;
  int* volatile shared = &mine;
  unseen_order o;
  std::thread t([&] {
    *shared = 1;
    o.reach(1);
  });
  o.wait_for(1);
  *shared = 2;
  t.join();
}

RAVEL_PROGRAM(race_with_a_thread_that_writes_a_thread_local_later) {
  static thread_local int mine;
  int* volatile shared = &mine;
  unseen_order o;
  std::thread t([&] {
    o.wait_for(1);
    *shared = 1;
  });
  *shared = 2;
  o.reach(1);
  t.join();
}

RAVEL_PROGRAM(race_on_a_stack_variable) {
  int x = 0;
  std::thread t([&] { x = 1; });
  REQUIRE(x != 5);
  t.join();
}

RAVEL_PROGRAM(norace_variants_of_join) {
  int x = 0;
  pthread_t t;
  const auto increment = [](void* p) -> void* {
    ++*static_cast<int*>(p);
    return p;
  };
  void* result = nullptr;
  REQUIRE(pthread_create(&t, nullptr, increment, &x) == 0);
  while (pthread_tryjoin_np(t, &result) == EBUSY) std::this_thread::yield();
  ++x;
  const timespec never{std::numeric_limits<time_t>::max() / 2, 0};
  REQUIRE(pthread_create(&t, nullptr, increment, &x) == 0);
  REQUIRE(pthread_timedjoin_np(t, &result, &never) == 0);
  ++x;
  REQUIRE(pthread_create(&t, nullptr, increment, &x) == 0);
  REQUIRE(pthread_clockjoin_np(t, &result, CLOCK_MONOTONIC, &never) == 0);
  REQUIRE(result == &x && ++x == 6);
}

RAVEL_PROGRAM(norace_c11_thread) {
  int x = 1;
  thrd_t t;
  const auto body = [](void* p) { return ++*static_cast<int*>(p) + 5; };
  REQUIRE(thrd_create(&t, body, &x) == thrd_success);
  int result = 0;
  REQUIRE(thrd_join(t, &result) == thrd_success);
  REQUIRE(result == 7 && ++x == 3);
}

RAVEL_PROGRAM(race_c11_thread) {
  static int& x = threads_suite::shared_int;
  thrd_t t;
  REQUIRE(thrd_create(&t, [](void*) { return x = 1; }, nullptr) == thrd_success);
  x = 2;
  thrd_join(t, nullptr);
}

RAVEL_PROGRAM(norace_pthread_exit_and_detached_by_attribute) {
  static int& x = threads_suite::shared_int;
  pthread_t t;
  REQUIRE(pthread_create(&t, nullptr, [](void*) -> void* { x = 1; pthread_exit(&x); }, nullptr) == 0);
  void* result = nullptr;
  REQUIRE(pthread_join(t, &result) == 0 && result == &x);
  ++x;
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  static std::atomic<int> done{0};
  for (int i = 0; i < 100; ++i) {
    REQUIRE(pthread_create(&t, &detached, [](void*) -> void* { return done.fetch_add(1), nullptr; }, nullptr) == 0);
  }
  while (done.load() != 100) std::this_thread::yield();
  pthread_attr_destroy(&detached);
}

RAVEL_PROGRAM(norace_smallest_stack) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  REQUIRE(pthread_attr_setstacksize(&small, 16384) == 0);
  pthread_t t;
  REQUIRE(pthread_create(&t, &small, [](void* p) -> void* { return p; }, &small) == 0);
  void* result = nullptr;
  REQUIRE(pthread_join(t, &result) == 0 && result == &small);
}

RAVEL_PROGRAM(norace_cancelled_in_a_wait) {
  static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
  static int& x = threads_suite::shared_int;
  static unseen_order o;
  pthread_t waiting;
  const auto wait = [](void*) -> void* {
    pthread_mutex_lock(&m);
    pthread_cleanup_push([](void*) { ++x; pthread_mutex_unlock(&m); }, nullptr);
    o.reach(1);
    for (;;) pthread_cond_wait(&c, &m);
    pthread_cleanup_pop(0);
  };
  REQUIRE(pthread_create(&waiting, nullptr, wait, nullptr) == 0);
  o.wait_for(1);
  pthread_mutex_lock(&m);
  ++x;
  pthread_mutex_unlock(&m);
  pthread_cancel(waiting);
  // Learns of main's increment from the mutex, through the cancelled thread.
  std::thread last([] {
    pthread_mutex_lock(&m);
    ++x;
    pthread_mutex_unlock(&m);
  });
  last.join();
  pthread_join(waiting, nullptr);
  REQUIRE(x == 3);
}

RAVEL_PROGRAM(norace_goroutines_from_a_thread) {
  int x = 0;
  std::thread t([&] {
    auto c = ravel::make_chan<int>();
    ravel::go([&] {
      x = 1;
      c.send(1);
    });
    c.recv();
    ++x;
  });
  t.join();
  REQUIRE(++x == 3);
}

RAVEL_PROGRAM(race_between_a_thread_and_a_goroutine) {
  static int& x = threads_suite::shared_int;
  std::thread t([] { x = 1; });
  ravel::wait_group done;
  done.add(1);
  ravel::go([&] {
    x = 2;
    done.done();
  });
  done.wait();
  t.join();
}

// Goroutines that take turns on one OS thread use its thread-local variables in turn.
RAVEL_PROGRAM(norace_goroutines_share_a_thread_local) {
  static thread_local int used;
  ravel::wait_group done;
  for (int i = 0; i < 100; ++i) {
    done.add(1);
    ravel::go([&] {
      REQUIRE(++used > 0);
      done.done();
    });
  }
  done.wait();
}
