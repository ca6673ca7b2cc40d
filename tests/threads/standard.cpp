// The standard library's ways to synchronise, of which part is compiled into libstdc++.so and not instrumented.

#include <barrier>
#include <future>
#include <iomanip>
#include <iostream>
#include <latch>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <ravel/ravel.hpp>
#include <regex>
#include <semaphore>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "program.hpp"

using threads_suite::unseen_order;

namespace {
template <class F>
void in_threads(int n, F f) {
  std::vector<std::thread> threads;
  for (int i = 0; i < n; ++i) threads.emplace_back(f, i);
  for (std::thread& t : threads) t.join();
}
}  // namespace

RAVEL_PROGRAM(norace_promise) {
  int x = 0;
  std::promise<std::string> p;
  auto f = p.get_future();
  std::thread t([&] {
    x = 1;
    p.set_value("done");
  });
  REQUIRE(f.get() == "done" && ++x == 2);
  t.join();
}

RAVEL_PROGRAM(race_after_the_promise_was_kept) {
  static int& x = threads_suite::shared_int;
  std::promise<void> p;
  auto f = p.get_future();
  std::thread t([&] {
    p.set_value();
    x = 1;
  });
  f.get();
  x = 2;
  t.join();
}

RAVEL_PROGRAM(norace_promise_kept_at_thread_exit) {
  for (int i = 0; i < 20; ++i) {
    auto x = std::make_unique<int>(0);
    std::promise<std::string> p;
    auto f = p.get_future();
    std::thread t([&] {
      p.set_value_at_thread_exit("done");
      *x = 1;
    });
    REQUIRE(f.get() == "done" && ++*x == 2);
    t.join();
  }
}

RAVEL_PROGRAM(norace_notified_at_thread_exit) {
  std::mutex m;
  std::condition_variable c;
  bool ready = false;
  std::thread t([&] {
    std::unique_lock hold(m);
    ready = true;
    std::notify_all_at_thread_exit(c, std::move(hold));
  });
  {
    std::unique_lock hold(m);
    c.wait(hold, [&] { return ready; });
  }
  t.join();
}

RAVEL_PROGRAM(norace_shared_future) {
  std::promise<std::string> p;
  const auto f = p.get_future().share();
  std::thread t([&] { p.set_value("shared by several threads"); });
  in_threads(3, [=](int) { REQUIRE(f.get().size() == 25); });
  t.join();
}

RAVEL_PROGRAM(norace_async) {
  std::vector<std::future<int>> results;
  for (int i = 0; i < 20; ++i) results.push_back(std::async(i % 2 == 0 ? std::launch::async : std::launch::deferred, [i] { return i; }));
  int sum = 0;
  for (auto& r : results) sum += r.get();
  REQUIRE(sum == 190);
}

RAVEL_PROGRAM(race_between_two_async) {
  static int& x = threads_suite::shared_int;
  auto a = std::async(std::launch::async, [] { x = 1; }), b = std::async(std::launch::async, [] { x = 2; });
  a.get();
  b.get();
}

RAVEL_PROGRAM(norace_packaged_task) {
  std::packaged_task<int(int)> task([](int n) { return n + 1; });
  auto f = task.get_future();
  std::thread t(std::move(task), 4);
  REQUIRE(f.get() == 5);
  t.join();
}

RAVEL_PROGRAM(norace_call_once) {
  std::once_flag once;
  std::string made;
  in_threads(4, [&](int) {
    std::call_once(once, [&] { made = "made by whoever came first"; });
    REQUIRE(made.size() == 26);
  });
}

RAVEL_PROGRAM(norace_call_once_that_throws_twice) {
  std::once_flag once;
  int attempts = 0;
  in_threads(4, [&](int) {
    try {
      std::call_once(once, [&] {
        if (++attempts < 3) throw attempts;
      });
    } catch (int) {
    }
  });
  REQUIRE(attempts == 3);
}

RAVEL_PROGRAM(norace_call_once_in_goroutines) {
  std::once_flag once;
  int x = 0;
  ravel::wait_group done;
  for (int i = 0; i < 50; ++i) {
    done.add(1);
    ravel::go([&] {
      std::call_once(once, [&] { x = 1; });
      REQUIRE(x == 1);
      std::once_flag own;
      std::call_once(own, [] {});
      done.done();
    });
  }
  done.wait();
}

RAVEL_PROGRAM(race_beside_call_once) {
  static std::once_flag once;
  static int& x = threads_suite::shared_int;
  in_threads(2, [](int) {
    x = 1;
    std::call_once(once, [] {});
  });
}

RAVEL_PROGRAM(norace_static_local) {
  in_threads(4, [](int) {
    static const std::string made("made by whoever came first");
    REQUIRE(made.size() == 26);
  });
}

RAVEL_PROGRAM(norace_latch) {
  std::latch l(4);
  int values[4];
  in_threads(4, [&](int i) {
    values[i] = i;
    l.arrive_and_wait();
    REQUIRE(values[0] + values[1] + values[2] + values[3] == 6);
  });
}

RAVEL_PROGRAM(norace_barrier_with_completion) {
  int values[4] = {}, rounds = 0;
  std::barrier b(4, [&]() noexcept { ++rounds; });
  in_threads(4, [&](int i) {
    for (int round = 0; round < 50; ++round) {
      values[i] = round;
      b.arrive_and_wait();
      REQUIRE(values[(i + 1) % 4] == round && rounds == 2 * round + 1);
      b.arrive_and_wait();
    }
  });
}

RAVEL_PROGRAM(race_before_the_latch) {
  static std::latch l(2);
  static int& x = threads_suite::shared_int;
  in_threads(2, [](int i) {
    x = i;
    l.arrive_and_wait();
  });
}

RAVEL_PROGRAM(norace_semaphores) {
  std::counting_semaphore<10> ready(0);
  std::binary_semaphore lock(1);
  int x = 0, y = 0;
  const auto count = [&] {
    for (int i = 0; i < 100; ++i) {
      lock.acquire();
      ++y;
      lock.release();
    }
  };
  std::thread t([&] {
    x = 1;
    ready.release();
    count();
  });
  ready.acquire();
  ++x;
  count();
  t.join();
  REQUIRE(x == 2 && y == 200);
}

RAVEL_PROGRAM(norace_atomic_wait) {
  std::atomic<int> flag{0};
  int x = 0;
  std::thread t([&] {
    x = 1;
    flag.store(1, std::memory_order_release);
    flag.notify_all();
  });
  flag.wait(0, std::memory_order_acquire);
  REQUIRE(++x == 2);
  t.join();
}

RAVEL_PROGRAM(race_atomic_wait_without_order) {
  static std::atomic<int> flag{0};
  static int& x = threads_suite::shared_int;
  std::thread t([] {
    x = 1;
    flag.store(1, std::memory_order_relaxed);
    flag.notify_all();
  });
  flag.wait(0, std::memory_order_relaxed);
  x = 2;
  t.join();
}

RAVEL_PROGRAM(norace_jthread_and_stop_token) {
  int x = 0;
  {
    std::jthread t([&](std::stop_token stop) {
      while (!stop.stop_requested()) std::this_thread::yield();
      x = 1;
    });
    const std::stop_callback on_stop(t.get_stop_token(), [] {});
  }
  ++x;
  std::mutex m;
  std::condition_variable_any c;
  {
    std::jthread t([&](std::stop_token stop) {
      std::unique_lock hold(m);
      c.wait(hold, stop, [] { return false; });
      ++x;
    });
  }
  REQUIRE(++x == 4);
}

RAVEL_PROGRAM(norace_shared_ptr) {
  auto shared = std::make_shared<std::string>("destroyed by whoever lets go last");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([own = shared]() mutable {
      REQUIRE(own->size() == 33);
      own.reset();
    });
  shared.reset();
  for (std::thread& t : threads) t.join();
}

RAVEL_PROGRAM(race_on_one_shared_ptr) {
  static auto shared = std::make_shared<int>(1);
  std::thread t([] { shared.reset(); });
  const std::shared_ptr<int> copy = shared;
  t.join();
}

RAVEL_PROGRAM(norace_standard_streams) {
  in_threads(4, [](int i) {
    for (int k = 0; k < 50; ++k) std::cout << "thread " << i << ' ' << 1.5 << std::string("x") << std::setw(3) << k << std::endl;
  });
}

RAVEL_PROGRAM(norace_own_streams) {
  in_threads(4, [](int i) {
    for (int k = 0; k < 50; ++k) {
      std::ostringstream out;
      out << "thread " << i << ' ' << 1.5 << k;
      std::istringstream in(out.str());
      std::string word;
      REQUIRE(std::getline(in, word) && !word.empty());
    }
  });
}

// The table in which std::ctype<char> remembers what it has converted belongs to the locale that all streams share.
RAVEL_PROGRAM(norace_streams_and_regexes_in_several_threads) {
  const auto work = [](int n) {
    std::ostringstream out;
    out << std::setw(5) << n << ' ' << 3.25 * n;
    const std::string text = out.str();
    std::smatch found;
    REQUIRE(std::regex_search(text, found, std::regex("([0-9]+)")));
  };
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) threads.emplace_back(work, n);
  for (std::thread& t : threads) t.join();
}

// Goroutines that take turns on one thread get each other's blocks from the pool's cache of that thread.
RAVEL_PROGRAM(norace_memory_of_a_synchronized_pool) {
  std::pmr::synchronized_pool_resource pool;
  ravel::wait_group all;
  for (int k = 0; k < 8; ++k) {
    all.go([&pool] {
      std::pmr::vector<int> v(&pool);
      for (int i = 0; i < 1000; ++i) v.push_back(i);
      REQUIRE(v.back() == 999);
    });
  }
  all.wait();
}
