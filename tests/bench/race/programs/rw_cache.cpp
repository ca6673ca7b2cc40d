// A cache under a readers-writer lock: 19 of 20 operations read.
#include <unordered_map>

#include "concurrent.hpp"

int main() {
  constexpr int workers = 4, operations = 400'000;
  std::unordered_map<std::uint32_t, std::uint64_t> cache;
  for (std::uint32_t key = 0; key < 2000; ++key) cache[key] = key;
  conc::rw_mutex lock;
  conc::wait_group all;
  std::uint64_t sums[workers] = {};
  for (int w = 0; w < workers; ++w) {
    all.go([&, w] {
      xorshift random(w + 1);
      std::uint64_t sum = 0;
      for (int i = 0; i < operations; ++i) {
        const auto key = static_cast<std::uint32_t>(random.next() % 2000);
        if (i % 20 == 0) {
          const std::lock_guard hold(lock);
          cache[key] = key;
        } else {
          const std::shared_lock hold(lock);
          sum += cache.find(key)->second;
        }
      }
      sums[w] = sum;
    });
  }
  all.wait();
  std::uint64_t sum = 0;
  for (auto s : sums) sum += s;
  return print_checksum(sum);
}
