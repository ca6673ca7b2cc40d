// What one operation costs: processor cycles of each, the least of many repeats, so that a busy machine matters little. Compile it
// plain and with -race (`tests/bench/race/operations`); the names are the rows.
#include <x86intrin.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <shared_mutex>

#include <ravel/ravel.hpp>

namespace {

template <class F>
void row(const char* name, int operations, F f) {
  std::uint64_t best = ~std::uint64_t{0};
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t from = __rdtsc();
    f();
    const std::uint64_t cycles = __rdtsc() - from;
    if (cycles < best) best = cycles;
  }
  std::printf("%-34s %8.1f\n", name, static_cast<double>(best) / operations);
}

template <class T>
[[gnu::noinline]] void set(T* p, std::size_t n, std::size_t step) {
  for (std::size_t i = 0; i < n; i += step) p[i] = 1;
}
template <class T>
[[gnu::noinline]] void bump(T* p, std::size_t n, std::size_t step) {
  for (std::size_t i = 0; i < n; i += step) ++p[i];
}

constexpr std::size_t bytes = 48 << 10;

// Memory of a new life each time: every access is its granule's first in the segment.
template <class T>
void fresh(const char* name, std::size_t step) {
  const std::size_t n = bytes / sizeof(T);
  std::uint64_t best = ~std::uint64_t{0};
  for (int i = 0; i < 300; ++i) {
    auto* p = static_cast<T*>(std::malloc(bytes));
    std::memset(p, 0, bytes);
    const std::uint64_t from = __rdtsc();
    set(p, n, step);
    const std::uint64_t cycles = __rdtsc() - from;
    if (cycles < best) best = cycles;
    std::free(p);
  }
  std::printf("%-34s %8.1f\n", name, static_cast<double>(best) / static_cast<double>(n / step));
}

// Two goroutines take turns on the same memory, so each access is the first since another goroutine's.
void handed_over(const char* name, std::size_t words) {
  auto* p = static_cast<std::uint64_t*>(std::calloc(words * 2, 8));
  auto turn = ravel::make_chan<int>(), back = ravel::make_chan<int>();
  ravel::wait_group other;
  other.go([=]() mutable {
    while (turn.recv()) {
      bump(p, words * 2, 2);
      back.send(1);
    }
  });
  std::uint64_t best = ~std::uint64_t{0};
  for (int i = 0; i < 300; ++i) {
    turn.send(1);
    back.recv();
    const std::uint64_t from = __rdtsc();
    bump(p, words * 2, 2);
    const std::uint64_t cycles = __rdtsc() - from;
    if (cycles < best) best = cycles;
  }
  turn.close();
  other.wait();
  std::printf("%-34s %8.1f\n", name, static_cast<double>(best) / static_cast<double>(words));
  std::free(p);
}

void all_rows() {
  fresh<char>("byte, first of its kind, in order", 2);
  fresh<std::uint64_t>("word, first, in order", 3);
  fresh<std::uint64_t>("word, first, 520 bytes apart", 65);
  handed_over("word read and written, handed over", 2000);

  static std::atomic<std::uint64_t> a;
  row("atomic load, relaxed", 1000, [] { for (int i = 0; i < 1000; ++i) (void)a.load(std::memory_order_relaxed); });
  row("atomic load, acquire", 1000, [] { for (int i = 0; i < 1000; ++i) (void)a.load(std::memory_order_acquire); });
  row("atomic fetch_add, relaxed", 1000, [] { for (int i = 0; i < 1000; ++i) a.fetch_add(1, std::memory_order_relaxed); });
  row("atomic fetch_add, acq_rel", 1000, [] { for (int i = 0; i < 1000; ++i) a.fetch_add(1, std::memory_order_acq_rel); });
  row("atomic store, release", 1000, [] { for (int i = 0; i < 1000; ++i) a.store(1, std::memory_order_release); });

  ravel::mutex m;
  row("mutex pair", 1000, [&] { for (int i = 0; i < 1000; ++i) const std::lock_guard hold(m); });
  ravel::rw_mutex rw;
  row("rw_mutex reader's pair", 1000, [&] { for (int i = 0; i < 1000; ++i) const std::shared_lock hold(rw); });
  auto buffered = ravel::make_chan<int>(64);
  row("buffered send and receive", 640, [&] {
    for (int i = 0; i < 10; ++i) {
      for (int k = 0; k < 64; ++k) buffered.send(k);
      for (int k = 0; k < 64; ++k) buffered.recv();
    }
  });
  auto there = ravel::make_chan<int>(), back = ravel::make_chan<int>();
  ravel::wait_group echo;
  echo.go([=]() mutable { while (auto v = there.recv()) back.send(*v); });
  row("unbuffered round trip", 100, [&] {
    for (int i = 0; i < 100; ++i) {
      there.send(i);
      back.recv();
    }
  });
  there.close();
  echo.wait();
  row("goroutine made and waited for", 100, [] {
    ravel::wait_group all;
    for (int i = 0; i < 100; ++i) all.go([] {});
    all.wait();
  });
}

}  // namespace

int main() {
  ravel::wait_group all;
  all.go(all_rows);
  all.wait();
}
