// Goroutines that do next to nothing, a thousand at a time.
#include <atomic>

#include "concurrent.hpp"

int main() {
  constexpr int rounds = 600 / conc::lighter, at_once = 1000;
  std::uint64_t wrong = 0;
  for (int r = 0; r < rounds; ++r) {
    std::vector<int> results(at_once);
    conc::wait_group all;
    for (int i = 0; i < at_once; ++i) all.go([&results, i] { results[i] = i + 1; });
    all.wait();
    for (int i = 0; i < at_once; ++i) wrong += results[i] != i + 1;
  }
  return print_checksum(wrong);
}
