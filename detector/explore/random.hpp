#pragma once
#include <cstdint>

namespace ravel::detector::explore {

inline std::uint64_t mix(std::uint64_t z) {  // splitmix64's finaliser
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

// Steele, Lea, Flood: Fast splittable pseudorandom number generators (OOPSLA 2014). One stream for each schedule: seed and number name it.
class random_stream {
 public:
  random_stream() = default;
  random_stream(std::uint64_t seed, std::uint64_t number) : state_(mix(seed * 0x9E3779B97F4A7C15ull + 1) ^ mix(number + 0x632BE59BD9B4E019ull)) {}
  std::uint64_t next() { return mix(state_ += 0x9E3779B97F4A7C15ull); }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32); }
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace ravel::detector::explore
