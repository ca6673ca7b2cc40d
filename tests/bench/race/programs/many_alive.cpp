// Fifty thousand goroutines, all blocked at once, each with a little work before and after.
#include "concurrent.hpp"

int main() {
  constexpr int count = 50'000 / conc::lighter;
  auto go_on = conc::make_chan<int>();
  conc::wait_group all;
  std::vector<int> results(count);
  for (int i = 0; i < count; ++i) {
    all.go([&results, go_on, i]() mutable {
      results[i] = i;
      go_on.recv();
      ++results[i];
    });
  }
  go_on.close();
  all.wait();
  std::uint64_t wrong = 0;
  for (int i = 0; i < count; ++i) wrong += results[i] != i + 1;
  return print_checksum(wrong);
}
