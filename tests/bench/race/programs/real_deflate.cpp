// A real library: stb's deflate and inflate (Debian's libstb-dev), in four goroutines, each with a text of its own.
#include <cstdlib>
#include <cstring>

#include "concurrent.hpp"

#if !__has_include(<stb/stb_image.h>)
#error "stb is not installed: apt-get install libstb-dev"
#endif

#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#pragma clang diagnostic pop

namespace {

constexpr int workers = 4, size = 300'000, rounds = 2;

std::uint64_t there_and_back(std::uint64_t seed) {
  xorshift random(seed);
  std::vector<unsigned char> text(size);
  for (std::size_t i = 0; i < text.size(); ++i) {
    // Often what came some time before.
    text[i] = i > 4000 && i / 16 % 3 != 0 ? text[i - 1 - i / 16 * 37 % 3900] : static_cast<unsigned char>('a' + random.next() % 20);
  }
  int packed_size = 0, size_again = 0;
  unsigned char* packed = stbi_zlib_compress(text.data(), size, &packed_size, 8);
  char* again = stbi_zlib_decode_malloc(reinterpret_cast<char*>(packed), packed_size, &size_again);
  std::uint64_t sum = 0;
  for (int i = 0; i < size_again; ++i) sum += static_cast<unsigned char>(again[i]);
  std::free(packed);
  std::free(again);
  return sum;
}

}  // namespace

int main() {
  std::uint64_t sums[workers] = {};
  conc::wait_group all;
  for (int w = 0; w < workers; ++w) {
    all.go([&, w] {
      for (int round = 0; round < rounds; ++round) sums[w] += there_and_back(w * rounds + round);
    });
  }
  all.wait();
  std::uint64_t sum = 0;
  for (auto s : sums) sum += s;
  return print_checksum(sum);
}
