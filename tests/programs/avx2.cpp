// Accesses of 32 bytes, and atomics of 16. Compiled with -mavx2 -mcx16, run where the processor has both.

#include <immintrin.h>

#include <atomic>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;

namespace {

struct alignas(32) block {
  unsigned char bytes[64] = {};
};

}  // namespace

// ThreadSanitizer's pass skips accesses above 16 bytes.
RAVEL_PROGRAM(race_avx_store_load) {
  block b;
  together([&] { _mm256_store_si256(reinterpret_cast<__m256i*>(b.bytes), _mm256_set1_epi8(1)); },  // races
           [&] {
             __m256i v = _mm256_load_si256(reinterpret_cast<const __m256i*>(b.bytes));  // races
             keep(v);
           });
}

RAVEL_PROGRAM(race_avx_store_last_byte) {
  block b;
  together([&] { _mm256_store_si256(reinterpret_cast<__m256i*>(b.bytes), _mm256_set1_epi8(1)); },  // races
           [&] { b.bytes[31] = 1; });                                                              // races
}

RAVEL_PROGRAM(norace_avx_store_next_byte) {
  block b;
  together([&] { _mm256_store_si256(reinterpret_cast<__m256i*>(b.bytes), _mm256_set1_epi8(1)); }, [&] { b.bytes[32] = 1; });
}

RAVEL_PROGRAM(race_avx_masked_store) {
  alignas(32) int a[8] = {};
  together([&] { _mm256_maskstore_epi32(a, _mm256_set_epi32(0, 0, 0, -1, 0, 0, 0, 0), _mm256_set1_epi32(1)); },  // races
           [&] { a[4] = 2; });                                                                                  // races
}

RAVEL_PROGRAM(norace_avx_masked_store_elsewhere) {
  alignas(32) int a[8] = {};
  together([&] { _mm256_maskstore_epi32(a, _mm256_set_epi32(0, 0, 0, -1, 0, 0, 0, 0), _mm256_set1_epi32(1)); }, [&] { a[5] = 2; });
}

RAVEL_PROGRAM(race_avx_gather) {
  alignas(32) int a[64] = {};
  together(
      [&] {
        __m256i v = _mm256_i32gather_epi32(a, _mm256_set_epi32(63, 50, 40, 30, 20, 10, 5, 0), 4);  // races
        keep(v);
      },
      [&] { a[40] = 1; });  // races
}

RAVEL_PROGRAM(norace_avx_gather_elsewhere) {
  alignas(32) int a[64] = {};
  together(
      [&] {
        __m256i v = _mm256_i32gather_epi32(a, _mm256_set_epi32(63, 50, 40, 30, 20, 10, 5, 0), 4);
        keep(v);
      },
      [&] { a[41] = 1; });
}

// Four indices for two elements: the last two are not used. A lane whose mask is off is not read either.
RAVEL_PROGRAM(norace_avx_masked_gather) {
  alignas(32) double a[8] = {};
  together(
      [&] {
        __m128d v = _mm_mask_i32gather_pd(_mm_setzero_pd(), a, _mm_set_epi32(5, 4, 3, 2), _mm_castsi128_pd(_mm_set_epi64x(0, -1)), 8);
        keep(v);
      },
      [&] { a[3] = a[4] = a[5] = 1; });
}

RAVEL_PROGRAM(race_avx_masked_gather) {
  alignas(32) double a[8] = {};
  together(
      [&] {
        __m128d v = _mm_mask_i32gather_pd(_mm_setzero_pd(), a, _mm_set_epi32(5, 4, 3, 2), _mm_castsi128_pd(_mm_set_epi64x(0, -1)), 8);  // races
        keep(v);
      },
      [&] { a[2] = 1; });  // races
}

RAVEL_PROGRAM(race_avx_unaligned) {
  block b;
  together([&] { _mm256_storeu_si256(reinterpret_cast<__m256i*>(b.bytes + 3), _mm256_set1_epi8(1)); },  // races
           [&] { b.bytes[34] = 1; });                                                                   // races
}

RAVEL_PROGRAM(norace_avx_unaligned) {
  block b;
  together([&] { _mm256_storeu_si256(reinterpret_cast<__m256i*>(b.bytes + 3), _mm256_set1_epi8(1)); },
           [&] {
             b.bytes[2] = 1;
             b.bytes[35] = 1;
           });
}

RAVEL_PROGRAM(norace_sixteen_byte_atomic) {
  struct two {
    std::uint64_t a = 0, b = 0;
  };
  std::atomic<two> t;
  auto f = [&] {
    two old = t.load();
    while (!t.compare_exchange_weak(old, {old.a + 1, old.b + 1})) {}
  };
  together(f, f, f);
}
