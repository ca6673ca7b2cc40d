// Four goroutines and one hash map under one mutex.
#include <unordered_map>

#include "concurrent.hpp"

int main() {
  constexpr int workers = 4, operations = 400'000;
  std::unordered_map<std::uint32_t, std::uint64_t> map;
  conc::mutex lock;
  conc::wait_group all;
  for (int w = 0; w < workers; ++w) {
    all.go([&, w] {
      xorshift random(w + 1);
      for (int i = 0; i < operations; ++i) {
        const auto key = static_cast<std::uint32_t>(random.next() % 5000);
        const std::lock_guard hold(lock);
        map[key] += key;
      }
    });
  }
  all.wait();
  std::uint64_t sum = 0;
  for (const auto& [key, value] : map) sum += value;
  return print_checksum(sum);
}
