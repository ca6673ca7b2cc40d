// Atomics as programs use them: a flag looked at often and set seldom, a counter, a maximum by compare-exchange.
#include <atomic>

#include "concurrent.hpp"

int main() {
  constexpr int workers = 4, rounds = 5'000'000;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> counter{0}, highest{0};
  conc::wait_group all;
  for (int w = 0; w < workers; ++w) {
    all.go([&, w] {
      xorshift random(w + 1);
      for (int i = 0; i < rounds && !stop.load(std::memory_order_acquire); ++i) {
        const std::uint64_t mine = random.next();
        std::uint64_t seen = highest.load(std::memory_order_relaxed);
        while (seen < mine && !highest.compare_exchange_weak(seen, mine, std::memory_order_acq_rel)) {
        }
        if (i % 4 == 0) counter.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  all.wait();
  stop.store(true);
  return print_checksum(counter + highest);
}
