// What Boost.Fiber has of the rows: twins of ../*.cpp. One scheduler a thread; with two threads they share one queue (shared_work), since
// fibers of the default scheduler never leave their thread.

#include <boost/fiber/all.hpp>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "row.hpp"

namespace fibers = boost::fibers;

namespace {

double cpu_now() {
  timespec t;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

// Runs f with the threads that BENCH_THREADS asks for.
template <class F>
void with_threads(F f) {
  const char* text = std::getenv("BENCH_THREADS");
  if (const int threads = text != nullptr ? std::atoi(text) : 1; threads > 1) {
    fibers::mutex m;
    fibers::condition_variable_any finished;
    bool done = false;
    fibers::use_scheduling_algorithm<fibers::algo::shared_work>(true);
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i) {
      others.emplace_back([&] {
        fibers::use_scheduling_algorithm<fibers::algo::shared_work>(true);
        std::unique_lock hold(m);
        finished.wait(hold, [&] { return done; });
      });
    }
    f();
    {
      const std::lock_guard hold(m);
      done = true;
    }
    finished.notify_all();
    for (auto& t : others) t.join();
  } else {
    f();
  }
}
template <class F>
double wall_each(long n, F f) {
  double ns = 0;
  with_threads([&] { ns = bench::ns_each(n, f); });
  return ns;
}
template <class F>
double cpu_each(long n, F f) {
  double ns = 0;
  with_threads([&] {
    const double start = cpu_now();
    f();
    ns = (cpu_now() - start) / static_cast<double>(n);
  });
  return ns;
}

using group = std::vector<fibers::fiber>;
void join_all(group& g) {
  for (auto& f : g) f.join();
}

template <class Channel>
void transfer(long n, Channel& c, int senders, int receivers) {
  group g;
  for (int s = 0; s < senders; ++s) g.emplace_back([&, n = n / senders] { for (long i = 0; i < n; ++i) c.push(i); });
  for (int r = 0; r < receivers; ++r) g.emplace_back([&, n = n / receivers] { for (long i = 0; i < n; ++i) c.value_pop(); });
  join_all(g);
}
void mutex_shared(long n, int count) {
  fibers::mutex m;
  long counter = 0;
  group g;
  for (int k = 0; k < count; ++k) {
    g.emplace_back([&] { for (long i = 0; i < n / count; ++i) { const std::lock_guard hold(m); ++counter; } });
  }
  join_all(g);
}
void fork(int depth) {
  if (depth == 0) return;
  fibers::fiber left([=] { fork(depth - 1); }), right([=] { fork(depth - 1); });
  left.join();
  right.join();
}

}  // namespace

ROW(chan_0_1x1, 500'000, "CPU ns") { return cpu_each(ROW_N, [=] { fibers::unbuffered_channel<long> c; transfer(ROW_N, c, 1, 1); }); }
ROW(chan_0_4x4, 500'000, "CPU ns") { return cpu_each(ROW_N, [=] { fibers::unbuffered_channel<long> c; transfer(ROW_N, c, 4, 4); }); }
ROW(chan_128_1x1, 2'000'000, "CPU ns") { return cpu_each(ROW_N, [=] { fibers::buffered_channel<long> c(128); transfer(ROW_N, c, 1, 1); }); }
ROW(chan_128_4x4, 2'000'000, "CPU ns") { return cpu_each(ROW_N, [=] { fibers::buffered_channel<long> c(128); transfer(ROW_N, c, 4, 4); }); }
ROW(mutex_1, 5'000'000, "CPU ns") { return cpu_each(ROW_N, [=] { mutex_shared(ROW_N, 1); }); }
ROW(mutex_4, 2'000'000, "CPU ns") { return cpu_each(ROW_N, [=] { mutex_shared(ROW_N, 4); }); }
ROW(mutex_64, 2'000'000, "CPU ns") { return cpu_each(ROW_N, [=] { mutex_shared(ROW_N, 64); }); }

ROW(cond_pingpong, 200'000, "CPU ns") {
  return cpu_each(ROW_N, [=] {
    fibers::mutex m;
    fibers::condition_variable c;
    long turn = 0;
    group g;
    for (int me = 0; me < 2; ++me) {
      g.emplace_back([&, me] {
        std::unique_lock hold(m);
        for (long i = 0; i < ROW_N; ++i) {
          c.wait(hold, [&] { return turn % 2 == me; });
          ++turn;
          c.notify_one();
        }
      });
    }
    join_all(g);
  });
}

ROW(spawn_join, 200'000, "ns") {
  return wall_each(ROW_N, [=] { for (long i = 0; i < ROW_N; ++i) fibers::fiber([] {}).join(); });
}
ROW(batch_spawn, 200'000, "ns") {
  return wall_each(ROW_N, [=] {
    for (long i = 0; i < ROW_N / 1000; ++i) {
      group g;
      for (int k = 0; k < 1000; ++k) g.emplace_back([] {});
      join_all(g);
    }
  });
}
ROW(yield_pair, 1'000'000, "ns") {
  return wall_each(2 * ROW_N, [=] {
    group g;
    for (int k = 0; k < 2; ++k) g.emplace_back([=] { for (long i = 0; i < ROW_N; ++i) boost::this_fiber::yield(); });
    join_all(g);
  });
}
ROW(ping_pong, 200'000, "ns") {
  return wall_each(ROW_N, [=] {
    fibers::unbuffered_channel<int> there, back;
    fibers::fiber other([&] { for (int v : there) back.push(v); });
    for (long i = 0; i < ROW_N; ++i) {
      there.push(1);
      back.value_pop();
    }
    there.close();
    other.join();
  });
}
ROW(fork_join, 1 << 16, "ns") {
  return wall_each(ROW_N, [=] { fork(15); });
}
ROW(sieve, 1'000, "ns") {
  return wall_each(ROW_N, [=] {
    using numbers = fibers::unbuffered_channel<int>;
    auto from = std::make_shared<numbers>();
    group g;
    g.emplace_back([c = from] { for (int i = 2; c->push(i) == fibers::channel_op_status::success; ++i) {} });
    std::vector<std::shared_ptr<numbers>> all{from};
    for (long i = 0; i < ROW_N; ++i) {
      const int prime = from->value_pop();
      auto to = std::make_shared<numbers>();
      g.emplace_back([from, to, prime] {
        for (int v : *from) {
          if (v % prime != 0 && to->push(v) != fibers::channel_op_status::success) return;
        }
      });
      all.push_back(from = to);
    }
    for (auto& c : all) c->close();
    join_all(g);
  });
}
