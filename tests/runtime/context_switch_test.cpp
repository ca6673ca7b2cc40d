// Leaving one stack for another, in both forms: our own instructions, and Boost.Context where there are none.

#include "runtime/sched/context_switch.hpp"

#include <gtest/gtest.h>

#include <cfenv>
#include <memory>

namespace {

using namespace ravel::sched;

constexpr std::size_t size = 64 << 10;

struct stack {
  std::unique_ptr<char[]> memory = std::make_unique<char[]>(size);
  context make(void (*entry)(void*)) {
    const auto low = reinterpret_cast<std::uintptr_t>(memory.get());
    return make_context(low + size, low, entry);
  }
};

context here, there;
int sum;

TEST(context_switch, passes_values_both_ways) {
  stack s;
  sum = 0;
  there = s.make([](void* first) {
    for (int* v = static_cast<int*>(first);; v = static_cast<int*>(switch_context(&there, here, v))) sum += *v;
  });
  for (int i = 1; i <= 1000; ++i) {
    int v = i;
    EXPECT_EQ(switch_context(&here, there, &v), &v);
  }
  EXPECT_EQ(sum, 500500);
}

TEST(context_switch, keeps_callee_saved_values_and_the_rounding_mode) {
  stack s;
  there = s.make([](void*) {
    std::fesetround(FE_UPWARD);
    for (;;) {
      if (std::fegetround() == FE_UPWARD) ++sum;
      switch_context(&there, here, nullptr);
    }
  });
  sum = 0;
  long a = 1, b = 2, c = 3, d = 4, e = 5;
  for (int i = 0; i < 100; ++i) {
    asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e));
    switch_context(&here, there, nullptr);
    EXPECT_EQ(std::fegetround(), FE_TONEAREST);
    a += b; b += c; c += d; d += e; e += 1;
  }
  EXPECT_EQ(sum, 100);
  EXPECT_EQ(e, 105);
}

TEST(context_switch, runs_a_function_on_top_and_goes_on_beneath_it) {
  stack s;
  there = s.make([](void*) {
    for (;;) sum += *static_cast<int*>(switch_context(&there, here, nullptr));
  });
  switch_context(&here, there, nullptr);
  sum = 0;
  int given = 5;
  switch_on_top(&here, there, &given, [](void* v) -> void* {
    *static_cast<int*>(v) *= 2;
    return switch_context(&there, here, nullptr);  // back; what resumes it next is what the stack beneath gets
  });
  EXPECT_EQ(given, 10);
  EXPECT_EQ(sum, 0);
  int later = 7;
  switch_context(&here, there, &later);
  EXPECT_EQ(sum, 7);
}

}  // namespace
