// Primes below 24 million, one byte a number: small primes first, then four goroutines cross out in their own quarters.
#include "concurrent.hpp"

namespace {

constexpr std::uint32_t limit = 24'000'000, root = 4899, workers = 4;

void cross_out(std::vector<char>& composite, const std::vector<std::uint32_t>& primes, std::uint32_t first, std::uint32_t last) {
  for (const std::uint32_t p : primes) {
    std::uint32_t at = (first + p - 1) / p * p;
    if (at < p * p) at = p * p;
    for (; at < last; at += p) composite[at] = 1;
  }
}

}  // namespace

int main() {
  std::vector<char> composite(limit);
  std::vector<std::uint32_t> primes;
  for (std::uint32_t i = 2; i <= root; ++i) {
    if (composite[i]) continue;
    primes.push_back(i);
    for (std::uint32_t at = i * i; at <= root; at += i) composite[at] = 1;
  }
  conc::wait_group all;
  for (std::uint32_t w = 0; w < workers; ++w) {
    all.go([&, w] { cross_out(composite, primes, limit / workers * w + (w == 0 ? 2 : 0), limit / workers * (w + 1)); });
  }
  all.wait();
  std::uint64_t count = 0;
  for (std::uint32_t i = 2; i < limit; ++i) count += composite[i] == 0;
  return print_checksum(count);
}
