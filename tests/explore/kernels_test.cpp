// Small programs with one known bug each, found by the default strategy, and their repaired twins, in which nothing may be found. After
// SCTBench and its like (suites: reorder, twostage, lazy01, account, wronglock, deadlock01, carter01, din_phil).

#include <gtest/gtest.h>

#include "kernels.hpp"

using namespace kernels;

namespace {

constexpr std::uint64_t seeds = 5;

void finds(explore::kind k, auto body, std::uint64_t within) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const explore::result r = explore::run(body, {.schedules = within, .seed = seed, .lock_order = false, .shrink = false});
    ASSERT_EQ(r.failures.size(), 1u) << r.verdict;
    EXPECT_EQ(r.failures[0].kind, k) << r.failures[0].message;
  }
}

void silent(auto body) {
  const explore::result r = explore::run(body, {.schedules = 1000});
  EXPECT_TRUE(r.failures.empty()) << r.failures[0].report;
}

TEST(kernels, reorder) {
  finds(explore::kind::assertion, reorder(2, 1, false), 1000);
  finds(explore::kind::assertion, reorder(3, 1, false), 1000);
  finds(explore::kind::assertion, reorder(9, 1, false), 1000);
  finds(explore::kind::assertion, reorder(40, 10, false), 2000);
  silent(reorder(3, 1, true));
}
// Each strategy by itself.
TEST(kernels, reads_from) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const explore::options o{.schedules = 2000, .strategy = "rf", .seed = seed, .lock_order = false, .shrink = false};
    EXPECT_EQ(explore::run(reorder(3, 1, false), o).failures.size(), 1u);
    EXPECT_EQ(explore::run(twostage(1, 1, false), o).failures.size(), 1u);
    EXPECT_EQ(explore::run(philosophers(3, false), o).failures.size(), 1u);
    EXPECT_TRUE(explore::run(twostage(2, 2, true), o).failures.empty());
  }
}
TEST(kernels, twostage) {
  finds(explore::kind::assertion, twostage(1, 1, false), 1000);
  silent(twostage(2, 2, true));
}
TEST(kernels, lazy01) {
  finds(explore::kind::assertion, lazy(false), 1000);
  silent(lazy(true));
}
TEST(kernels, philosophers) {
  for (int n = 2; n <= 5; ++n) {
    finds(explore::kind::deadlock, philosophers(n, false), 3000);
    silent(philosophers(n, true));
  }
}
TEST(kernels, wronglock) {
  finds(explore::kind::race, wrong_lock(false), 10);
  silent(wrong_lock(true));
}
TEST(kernels, account) {
  finds(explore::kind::assertion, account(false), 1000);
  silent(account(true));
}

}  // namespace
