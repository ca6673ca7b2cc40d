// Cold entry points promise to preserve every register, and save no vector registers where their own code is compiled for general ones.
// Whether it really is shows here: all vector registers are filled, every kind of cold path is taken, and they must hold what they held.

#include <gtest/gtest.h>

#include <cstring>

#include "runtime/abi/ravel_abi.h"
#include "scripted_detector.hpp"

namespace ravel::test {
namespace {

constexpr unsigned at(int distance) { return static_cast<unsigned>(distance) << RAVEL_SITE_OFFSET_BITS; }
constexpr ravel_site fields[] = {{{"reader()", "script.cpp", 3, 1, nullptr}, "x.a", 8, RAVEL_SITE_MORE | at(0)},
                                 {{"reader()", "script.cpp", 3, 2, nullptr}, "x.b", 2, at(14)}};
constexpr ravel_site site{{"writer()", "script.cpp", 2, 1, nullptr}, "x", 0, RAVEL_SITE_WRITE};

struct alignas(32) registers { unsigned char of[16][32]; };

// Sets ymm0-15 to `in`, calls the check with the convention that all registers survive, stores them to `out`.
[[gnu::noinline]] void call_with(const registers& in, registers& out, void (*check)(const void*, const ravel_site*, ravel_u64), const void* address,
                                 ravel_u64 context, const ravel_site* sites = &site) {
  asm volatile(
      "vmovdqa 0(%[in]), %%ymm0\n vmovdqa 32(%[in]), %%ymm1\n vmovdqa 64(%[in]), %%ymm2\n vmovdqa 96(%[in]), %%ymm3\n"
      "vmovdqa 128(%[in]), %%ymm4\n vmovdqa 160(%[in]), %%ymm5\n vmovdqa 192(%[in]), %%ymm6\n vmovdqa 224(%[in]), %%ymm7\n"
      "vmovdqa 256(%[in]), %%ymm8\n vmovdqa 288(%[in]), %%ymm9\n vmovdqa 320(%[in]), %%ymm10\n vmovdqa 352(%[in]), %%ymm11\n"
      "vmovdqa 384(%[in]), %%ymm12\n vmovdqa 416(%[in]), %%ymm13\n vmovdqa 448(%[in]), %%ymm14\n vmovdqa 480(%[in]), %%ymm15\n"
      "movq %%rsp, %%r15\n subq $256, %%rsp\n andq $-16, %%rsp\n"
      "call *%[check]\n"
      "movq %%r15, %%rsp\n"
      "vmovdqa %%ymm0, 0(%[out])\n vmovdqa %%ymm1, 32(%[out])\n vmovdqa %%ymm2, 64(%[out])\n vmovdqa %%ymm3, 96(%[out])\n"
      "vmovdqa %%ymm4, 128(%[out])\n vmovdqa %%ymm5, 160(%[out])\n vmovdqa %%ymm6, 192(%[out])\n vmovdqa %%ymm7, 224(%[out])\n"
      "vmovdqa %%ymm8, 256(%[out])\n vmovdqa %%ymm9, 288(%[out])\n vmovdqa %%ymm10, 320(%[out])\n vmovdqa %%ymm11, 352(%[out])\n"
      "vmovdqa %%ymm12, 384(%[out])\n vmovdqa %%ymm13, 416(%[out])\n vmovdqa %%ymm14, 448(%[out])\n vmovdqa %%ymm15, 480(%[out])\n"
      :
      : [in] "r"(&in), [out] "r"(&out), [check] "r"(check), "D"(address), "S"(sites), "d"(context)
      : "memory", "r11", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
        "xmm14", "xmm15");
}

template <class Check>
auto plain(Check check) {
  return reinterpret_cast<void (*)(const void*, const ravel_site*, ravel_u64)>(check);
}

TEST(cold_entry_points, preserve_vector_registers) {
  if (!__builtin_cpu_supports("avx")) GTEST_SKIP() << "no AVX here";
  registers in, out;
  for (int r = 0; r < 16; ++r) std::memset(in.of[r], 0x11 * r + 7, 32);
  scripted_detector d;
  const int a = d.go(-1), b = d.go(a);
  const auto memory = d.memory();
  const auto expect_kept = [&](auto check, std::uintptr_t offset, ravel_u64 context) {
    std::memset(&out, 0, sizeof out);
    call_with(in, out, plain(check), reinterpret_cast<const void*>(memory + offset), context);
    EXPECT_EQ(std::memcmp(&in, &out, sizeof in), 0) << "at +" << offset << ", context " << context;
  };
  const auto expect_fields_kept = [&](std::uintptr_t offset, ravel_u64 context) {
    std::memset(&out, 0, sizeof out);
    call_with(in, out, plain(&__ravel_check_fields), reinterpret_cast<const void*>(memory + offset), context, fields);
    EXPECT_EQ(std::memcmp(&in, &out, sizeof in), 0) << "fields at +" << offset << ", context " << context;
  };
  // New segments, known and unknown stacks, states beyond the first few of a segment and pools to refill, alias bytes, races.
  for (int round = 0; round < 40; ++round) {
    d.write(round % 2 == 0 ? a : b, memory + 2048);
    for (std::uintptr_t offset = 0; offset < 2000; offset += 24) {
      const ravel_u64 context = 100 + offset % 7;
      expect_kept(&__ravel_write4, offset, context);
      expect_kept(&__ravel_read8, offset + 8, context + static_cast<ravel_u64>(round));
      expect_kept(&__ravel_write16, offset + 4, context);
      expect_kept(&__ravel_read1, offset + 3, context);
      expect_kept(&__ravel_check_write1, offset + 9, context);
      expect_kept(&__ravel_check_read2, offset + 11, context);
      expect_kept(&__ravel_check_write4, offset + 5, context);  // in two granules
      expect_kept(&__ravel_check_read8, offset + 16, context);
      expect_kept(&__ravel_check_read8, offset + 16, context);  // recorded now
      expect_kept(&__ravel_check_write16, offset + 8, context);
      expect_fields_kept(offset, context);
    }
    if (HasFailure()) return;
    d.release_merge(round % 2 == 0 ? a : b, 0);
    if (round % 3 == 0) d.acquire(round % 2 == 0 ? b : a, 0);
  }
}

// Each field by its own bytes, before the base as behind it.
TEST(checks_by_call, find_each_field) {
  scripted_detector d;
  const int a = d.go(-1), b = d.go(a);
  const auto memory = d.memory();
  constexpr ravel_site two[] = {{{"f()", "script.cpp", 4, 1, nullptr}, "x.c", 4, RAVEL_SITE_MORE | at(0)},
                                {{"f()", "script.cpp", 4, 2, nullptr}, "x.a", 1, at(-9)}};
  d.run(b);
  __ravel_check_fields(reinterpret_cast<const void*>(memory + 100), two, 1);
  for (const std::uintptr_t beside : {90, 92, 99, 104}) EXPECT_FALSE(d.write(a, memory + beside, 1)) << beside;
  for (const std::uintptr_t field : {91, 103}) EXPECT_TRUE(d.write(a, memory + field, 1)) << field;
}

}  // namespace
}  // namespace ravel::test
