// Loops over bytes: base64, a histogram, reversal, a checksum; four goroutines, each with buffers of its own.
#include "concurrent.hpp"

namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint64_t churn(std::uint64_t seed, std::size_t size, int rounds) {
  xorshift random(seed);
  std::vector<std::uint8_t> data(size), coded(size / 3 * 4);
  for (auto& b : data) b = static_cast<std::uint8_t>(random.next());
  std::uint64_t sum = 0;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0, o = 0; i + 3 <= size; i += 3, o += 4) {
      const std::uint32_t v = data[i] << 16 | data[i + 1] << 8 | data[i + 2];
      coded[o] = alphabet[v >> 18];
      coded[o + 1] = alphabet[v >> 12 & 63];
      coded[o + 2] = alphabet[v >> 6 & 63];
      coded[o + 3] = alphabet[v & 63];
    }
    std::uint32_t histogram[256] = {};
    for (auto c : coded) ++histogram[c];
    for (std::size_t i = 0, k = size - 1; i < k; ++i, --k) std::swap(data[i], data[k]);
    for (auto& b : data) b = static_cast<std::uint8_t>(b ^ round);
    std::uint32_t a = 1, b = 0;
    for (auto x : coded) {
      a = (a + x) % 65521;
      b = (b + a) % 65521;
    }
    sum += (std::uint64_t{b} << 16 | a) + histogram['A'] + histogram['/'];
  }
  return sum;
}

}  // namespace

int main() {
  std::uint64_t sums[4] = {};
  conc::wait_group all;
  for (int w = 0; w < 4; ++w) all.go([&, w] { sums[w] = churn(w + 1, 96'000, 60); });
  all.wait();
  return print_checksum(sums[0] + sums[1] + sums[2] + sums[3]);
}
