// Byte precision: neighbouring bytes, unaligned and mixed sizes, bit-fields, memcpy and its like, and what the optimiser makes of loops.

#include <atomic>
#include <cstdint>
#include <cstring>
#include <cwchar>
#include <vector>

#include "program.hpp"

using namespace ravel;
using programs::keep;
using programs::together;
using programs::use;

namespace {

// A scalar access at any address.
template <class T>
void put(unsigned char* at, T v) {
  using unaligned [[gnu::aligned(1)]] = T;
  *reinterpret_cast<unaligned*>(at) = v;  // races
}

// All pairs of sizes at all offsets: report exactly where they overlap.
template <class A, class B>
bool overlap_somewhere(unsigned char* memory, bool overlapping) {
  bool any = false;
  for (int a = 0; a < 16; ++a) {
    for (int b = 0; b < 16; ++b) {
      const bool overlap = a < b + static_cast<int>(sizeof(B)) && b < a + static_cast<int>(sizeof(A));
      if (overlap != overlapping) continue;
      any = true;
      std::memset(memory, 0, 32);
      together([=] { put<A>(memory + a, A{1}); }, [=] { put<B>(memory + b, B{2}); });
    }
  }
  return any;
}

template <class A>
void beside_all(unsigned char* memory) {
  overlap_somewhere<A, std::uint8_t>(memory, false);
  overlap_somewhere<A, std::uint16_t>(memory, false);
  overlap_somewhere<A, std::uint32_t>(memory, false);
  overlap_somewhere<A, std::uint64_t>(memory, false);
}

}  // namespace

RAVEL_PROGRAM(norace_all_sizes_at_all_offsets) {
  alignas(32) unsigned char memory[32];
  beside_all<std::uint8_t>(memory);
  beside_all<std::uint16_t>(memory);
  beside_all<std::uint32_t>(memory);
  beside_all<std::uint64_t>(memory);
}

// One report a place, however many offsets: so each overlap of its own is a case of its own.
#define OVERLAP(first, at_first, second, at_second) \
  together([p = memory + at_first] { put<first>(p, 1); }, [p = memory + at_second] { put<second>(p, 2); })

RAVEL_PROGRAM(race_last_byte_of_8) {
  alignas(32) unsigned char memory[32] = {};
  OVERLAP(std::uint64_t, 0, std::uint8_t, 7);
}

RAVEL_PROGRAM(race_first_byte_of_unaligned_8) {
  alignas(32) unsigned char memory[32] = {};
  OVERLAP(std::uint64_t, 5, std::uint8_t, 5);
}

RAVEL_PROGRAM(race_last_byte_of_unaligned_8) {
  alignas(32) unsigned char memory[32] = {};
  OVERLAP(std::uint64_t, 5, std::uint8_t, 12);
}

RAVEL_PROGRAM(race_unaligned_2_over_cell) {
  alignas(32) unsigned char memory[32] = {};
  OVERLAP(std::uint16_t, 7, std::uint16_t, 8);
}

RAVEL_PROGRAM(race_unaligned_4_over_block) {
  alignas(256) unsigned char memory[512] = {};
  OVERLAP(std::uint32_t, 254, std::uint8_t, 257);
}

RAVEL_PROGRAM(race_unaligned_4_and_4) {
  alignas(32) unsigned char memory[32] = {};
  OVERLAP(std::uint32_t, 1, std::uint32_t, 4);
}

RAVEL_PROGRAM(norace_neighbouring_bytes) {
  char bytes[4] = {};
  together([&] { bytes[0] = 1; }, [&] { bytes[1] = 1; }, [&] { bytes[2] = 1; }, [&] { bytes[3] = 1; });
}

RAVEL_PROGRAM(race_bit_fields_of_one_byte) {
  struct {
    unsigned a : 3, b : 5;
  } s{};
  together([&] { s.a = 1; },   // races
           [&] { s.b = 1; });  // races
}

RAVEL_PROGRAM(norace_bit_fields_apart) {
  struct {
    unsigned a : 8;
    unsigned : 0;
    unsigned b : 8;
  } s{};
  together([&] { s.a = 1; }, [&] { s.b = 1; });
}

RAVEL_PROGRAM(race_memcpy_source) {
  static char from[1000], to[1000];
  together([] { from[999] = 1; },  // races
           [] {
             std::memcpy(to, from, sizeof from);  // races
             keep(to);
           });
}

RAVEL_PROGRAM(race_memcpy_target) {
  static char from[1000], to[1000];
  together([] { use(to[500]); },                         // races
           [] { std::memcpy(to, from, sizeof from); });  // races
}

RAVEL_PROGRAM(race_memmove) {
  static char data[1000];
  together([] { use(data[700]); },                                // races
           [] { std::memmove(data + 1, data, sizeof data - 1); });  // races
}

RAVEL_PROGRAM(race_memset) {
  static char data[1000];
  together([] { data[0] = 1; },                        // races
           [] { std::memset(data, 7, sizeof data); });  // races
  keep(data);
}

RAVEL_PROGRAM(race_memcmp) {
  static char a[100], b[100];
  together([] { b[3] = 0; },                                     // races
           [] { use(std::memcmp(a, b, sizeof a)); });  // races
}

RAVEL_PROGRAM(race_strlen) {
  static char text[] = "a text";
  together([] { text[3] = 'x'; },              // races
           [] { use(std::strlen(text)); });  // races
}

RAVEL_PROGRAM(race_strcpy) {
  static char text[] = "a text", to[16];
  together([] { text[3] = 'x'; },  // races
           [] {
             std::strcpy(to, text);  // races
             keep(to);
           });
}

RAVEL_PROGRAM(norace_memcpy_of_3_5_7_bytes) {
  static unsigned char from[32], to[32];
  std::size_t three = 3, five = 5, seven = 7;
  keep(three);
  keep(five);
  keep(seven);
  together([=] { std::memcpy(to, from, three); }, [=] { std::memcpy(to + 3, from, five); }, [=] { std::memcpy(to + 8, from, seven); },
           [] { to[15] = 1; });
  keep(to);
}

RAVEL_PROGRAM(race_memcpy_of_5_bytes_one_too_many) {
  static unsigned char from[32], to[32];
  std::size_t five = 5;
  keep(five);
  together([=] { std::memcpy(to, from, five); },  // races
           [] { to[4] = 1; });                    // races
  keep(to);
}

RAVEL_PROGRAM(norace_memset_of_nothing) {
  static char data[8];
  std::size_t none = 0;
  keep(none);
  together([=] { std::memset(data, 1, none); }, [] { data[0] = 1; });
  keep(data);
}

RAVEL_PROGRAM(race_loop_over_array) {
  static int a[1000];
  together(
      [] {
        for (int i = 0; i < 1000; ++i) a[i] = i;  // races
      },
      [] { use(a[777]); });  // races
}

RAVEL_PROGRAM(norace_loops_over_halves) {
  static int a[1000];
  together(
      [] {
        for (int i = 0; i < 500; ++i) a[i] = i;
      },
      [] {
        for (int i = 500; i < 1000; ++i) a[i] = i;
      });
  keep(a);
}

RAVEL_PROGRAM(norace_loops_over_even_and_odd) {
  static int a[1000];
  together(
      [] {
        for (int i = 0; i < 1000; i += 2) a[i] = i;
      },
      [] {
        for (int i = 1; i < 1000; i += 2) a[i] = i;
      });
  keep(a);
}

RAVEL_PROGRAM(race_strided_loop) {
  static int a[1000];
  together(
      [] {
        for (int i = 0; i < 1000; i += 3) a[i] = i;  // races
      },
      [] { a[501] = 1; });  // races
  keep(a);
}

RAVEL_PROGRAM(norace_strided_loop) {
  static int a[1000];
  together(
      [] {
        for (int i = 0; i < 1000; i += 3) a[i] = i;
      },
      [] { a[500] = 1; });
  keep(a);
}

// A loop that ends early touches only what it has reached.
RAVEL_PROGRAM(norace_loop_that_breaks) {
  static int a[1000];
  a[100] = 1;
  together(
      [] {
        int n = 0;
        for (int i = 0; i < 1000; ++i) {
          ++n;
          if (a[i] != 0) break;
        }
        use(n);
      },
      [] { a[101] = 1; });
}

RAVEL_PROGRAM(norace_load_that_is_not_reached) {
  static int a = 0, b = 0;
  bool wanted = false;
  keep(wanted);
  keep(b);
  together([wanted] { use(wanted ? a : b); }, [] { a = 1; });
  keep(a);
}

RAVEL_PROGRAM(race_same_value_written) {
  int x = 5;
  together([&] { x = 5; },   // races
           [&] { x = 5; });  // races
}

// Forwarding of a stored value must not make the second goroutine's access disappear.
RAVEL_PROGRAM(race_read_after_own_write) {
  int x = 0;
  together(
      [&] {
        x = 1;           // races
        use(x);          // races
      },
      [&] { use(x); });  // races
}
