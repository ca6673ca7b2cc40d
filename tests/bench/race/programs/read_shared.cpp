// Four goroutines look up values in one sorted table and follow one list: data that everybody reads and nobody writes.
#include <algorithm>

#include "concurrent.hpp"

int main() {
  constexpr int workers = 4, lookups = 300'000, size = 1 << 15;
  std::vector<std::uint32_t> table(size), next(size);
  xorshift random(4);
  for (int i = 0; i < size; ++i) {
    table[i] = i * 5;
    next[i] = static_cast<std::uint32_t>(random.next() % size);
  }
  std::uint64_t sums[workers] = {};
  conc::wait_group all;
  for (int w = 0; w < workers; ++w) {
    all.go([&, w] {
      xorshift mine(w + 10);
      std::uint64_t sum = 0;
      std::uint32_t at = w;
      for (int i = 0; i < lookups; ++i) {
        const auto wanted = static_cast<std::uint32_t>(mine.next() % (size * 5));
        std::uint32_t low = 0, high = size;
        while (low < high) {
          const std::uint32_t middle = (low + high) / 2;
          if (table[middle] < wanted) low = middle + 1;
          else high = middle;
        }
        at = next[(at + low) % size];
        sum += low + at;
      }
      sums[w] = sum;
    });
  }
  all.wait();
  return print_checksum(sums[0] + sums[1] + sums[2] + sums[3]);
}
