// Rows of the scheduler itself. Twins: go/scheduler.go.

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <ravel/ravel.hpp>

#include "row.hpp"

using namespace std::chrono_literals;

ROW(spawn_join, 500'000, "ns") {
  return bench::ns_each(ROW_N, [&] {
    for (long i = 0; i < ROW_N; ++i) {
      ravel::wait_group wg;
      wg.go([] {});
      wg.wait();
    }
  });
}

ROW(batch_spawn, 1'000'000, "ns") {
  return bench::ns_each(ROW_N, [&] {
    for (long i = 0; i < ROW_N / 1000; ++i) {
      ravel::wait_group wg;
      for (int k = 0; k < 1000; ++k) wg.go([] {});
      wg.wait();
    }
  });
}

ROW(yield_pair, 2'000'000, "ns") {
  ravel::wait_group wg;
  return bench::ns_each(2 * ROW_N, [&] {
    for (int k = 0; k < 2; ++k) {
      wg.go([&] { for (long i = 0; i < ROW_N; ++i) ravel::yield(); });
    }
    wg.wait();
  });
}

ROW(ping_pong, 500'000, "ns") {
  auto there = ravel::make_chan<int>(), back = ravel::make_chan<int>();
  ravel::go([=] { for (int v : there) back << v; });
  const double ns = bench::ns_each(ROW_N, [&] {
    for (long i = 0; i < ROW_N; ++i) {
      there << 1;
      back.recv();
    }
  });
  there.close();
  return ns;
}

// A pipeline whose two stages compute for 20 us each: two processors must be used.
ROW(pipeline_of_two, 2'000, "ns") {
  auto work = [] {
    const double until = bench::now_ns() + 20'000;
    while (bench::now_ns() < until) {}
  };
  auto c = ravel::make_chan<int>();
  ravel::wait_group wg;
  wg.go([&] { for ([[maybe_unused]] int v : c) work(); });
  return bench::ns_each(ROW_N, [&] {
    for (long i = 0; i < ROW_N; ++i) {
      work();
      c << 1;
    }
    c.close();
    wg.wait();
  });
}

static double cpu_ns() {
  rusage u{};
  ::getrusage(RUSAGE_SELF, &u);
  const auto ns = [](const timeval& t) { return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_usec) * 1e3; };
  return ns(u.ru_utime) + ns(u.ru_stime);
}

ROW(sleepers, 100'000, "CPU ns") {
  const double start = cpu_ns();
  ravel::wait_group wg;
  for (long i = 0; i < ROW_N; ++i) wg.go([] { ravel::sleep_for(100ms); });
  wg.wait();
  return (cpu_ns() - start) / static_cast<double>(ROW_N);
}

static double resident_bytes() {
  long pages = 0, resident = 0;
  if (FILE* f = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(f, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(f);
  }
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

struct parked { double ns, bytes; };
static parked park(long n) {
  auto never = ravel::make_chan<int>();
  std::atomic<long> arrived{0};
  const double bytes = resident_bytes(), start = bench::now_ns();
  for (long i = 0; i < n; ++i) {
    ravel::go([&arrived, never] {
      arrived.fetch_add(1, std::memory_order_relaxed);
      never.recv();
    });
  }
  while (arrived.load(std::memory_order_relaxed) != n) ravel::yield();
  const parked p{(bench::now_ns() - start) / static_cast<double>(n), (resident_bytes() - bytes) / static_cast<double>(n)};
  never.close();
  while (ravel::num_goroutine() != 1) ravel::yield();
  return p;
}
ROW(parked_100k_created, 100'000, "ns") { return park(ROW_N).ns; }
ROW(parked_100k_memory, 100'000, "bytes") { return park(ROW_N).bytes; }
ROW(million_created, 1'000'000, "ns") { return park(ROW_N).ns; }
ROW(million_memory, 1'000'000, "bytes") { return park(ROW_N).bytes; }

// The longest time between two ticks of a 1 ms ticker beside as many busy loops as processors, in ms. Built by ravel++: loops have safepoints.
ROW(ticker_gap, 500, "ms") {
  static std::atomic<bool> stop{false};
  ravel::wait_group busy;
  for (int k = 0; k < ravel::gomaxprocs(); ++k) {
    busy.go([] { for (volatile long x = 0; !stop.load(std::memory_order_relaxed); x = x + 1) {} });
  }
  ravel::ticker t(1ms);
  double longest = 0, last = bench::now_ns();
  for (long i = 0; i < ROW_N; ++i) {
    t.c().recv();
    const double now = bench::now_ns();
    if (now - last > longest) longest = now - last;
    last = now;
  }
  stop = true;
  busy.wait();
  return longest / 1e6;
}

static void fork(int depth) {
  if (depth == 0) return;
  ravel::wait_group wg;
  wg.go([=] { fork(depth - 1); });
  wg.go([=] { fork(depth - 1); });
  wg.wait();
}
// A binary tree of 2^16 goroutines, each of which waits for its two; per goroutine.
ROW(fork_join, 1 << 16, "ns") {
  return bench::ns_each(ROW_N, [=] { fork(15); });
}

// The first 1,000 primes through a chain of as many filters, which the end of the program ends; per prime.
ROW(sieve, 1'000, "ns") {
  return bench::ns_each(ROW_N, [=] {
    auto from = ravel::make_chan<int>();
    ravel::go([=] { for (int i = 2;; ++i) from << i; });
    for (long i = 0; i < ROW_N; ++i) {
      const int prime = *from.recv();
      auto to = ravel::make_chan<int>();
      ravel::go([=] {
        for (;;) {
          const int v = *from.recv();
          if (v % prime != 0) to << v;
        }
      });
      from = to;
    }
  });
}

// A receive with a timeout that never comes.
ROW(after_select, 1'000'000, "CPU ns") {
  auto c = ravel::make_chan<int>(1);
  const double start = cpu_ns();
  for (long i = 0; i < ROW_N; ++i) {
    c << 1;
    ravel::select(ravel::on_recv(c), ravel::on_recv(ravel::after(1s)));
  }
  return (cpu_ns() - start) / static_cast<double>(ROW_N);
}
