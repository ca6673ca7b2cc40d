// What std::hash calls in libstdc++.so for strings: here compiled as the program's own code is, so that its reads of the characters are
// seen. The result must be libstdc++'s own, since other objects of the process may hash the same keys: MurmurHash64A (Austin Appleby).

#include <bits/hash_bytes.h>

#include <cstdint>
#include <cstring>

namespace {

constexpr std::uint64_t factor = 0xC6A4A7935BD1E995;

std::uint64_t mix(std::uint64_t v) { return v ^ v >> 47; }

}  // namespace

namespace std {

size_t _Hash_bytes(const void* memory, size_t size, size_t seed) {
  const auto* bytes = static_cast<const unsigned char*>(memory);
  std::uint64_t hash = seed ^ size * factor;
  for (; size >= 8; bytes += 8, size -= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes, 8);
    hash = (hash ^ mix(word * factor) * factor) * factor;
  }
  if (size != 0) {
    std::uint64_t rest = 0;
    for (size_t i = 0; i < size; ++i) rest |= std::uint64_t{bytes[i]} << 8 * i;
    hash = (hash ^ rest) * factor;
  }
  return mix(mix(hash) * factor);
}

}  // namespace std
