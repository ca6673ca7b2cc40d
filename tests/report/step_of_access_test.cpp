// Where in an explored schedule the previous access of a race is drawn.

#include "detector/explore/step_of_access.hpp"

#include <gtest/gtest.h>

#include "tests/report/samples.hpp"

namespace {

using namespace ravel::detector::report;
using namespace ravel::test;
using ravel::detector::explore::step_of_access;

constexpr std::uint64_t a = 0x1000, b = 0x2000;

schedule_step step(std::uint64_t who, const char* operation, std::uint32_t object, std::uint32_t line) {
  schedule_step s;
  s.goroutine = who;
  s.operation = operation;
  if (object != 0) s.objects = {object};
  s.at = in_bank("main()", line, 0);
  return s;
}

schedule steps(std::vector<schedule_step> all) {
  schedule h;
  h.goroutines = {main_goroutine(), child_goroutine()};
  h.objects = {{"mutex", a, 0}, {"mutex", b, 0}};
  h.steps = std::move(all);
  return h;
}

ravel::detector::report::access of_child(std::vector<std::uint64_t> locks, std::uint32_t line) {
  ravel::detector::report::access x;
  x.by = child_goroutine();
  x.at = {in_bank("main()", line, 0)};
  for (const std::uint64_t l : locks) x.locks.push_back({l, false, "mutex", {}});
  return x;
}

// Goroutine 7 is the second of the schedule.
const schedule two_sections = steps({step(2, "begin", 0, 0), step(2, "mutex_lock", 1, 4), step(2, "mutex_unlock", 1, 6), step(2, "mutex_lock", 2, 8), step(1, "mutex_lock", 1, 4),
                                     step(2, "mutex_unlock", 2, 10), step(2, "group_done", 0, 12)});

TEST(step_of_access, is_the_one_that_took_its_locks) {
  EXPECT_EQ(step_of_access(two_sections, of_child({a}, 5), 7), 2u);
  EXPECT_EQ(step_of_access(two_sections, of_child({b}, 9), 7), 4u);
}

TEST(step_of_access, without_locks_is_the_last_before_its_line) {
  EXPECT_EQ(step_of_access(two_sections, of_child({}, 7), 7), 3u);
  EXPECT_EQ(step_of_access(two_sections, of_child({}, 3), 7), 1u);
  EXPECT_EQ(step_of_access(two_sections, of_child({}, 13), 7), 7u);
}

TEST(step_of_access, is_the_last_of_a_loop_and_not_after_the_present_access) {
  const schedule loop = steps({step(2, "mutex_lock", 1, 4), step(2, "mutex_unlock", 1, 6), step(2, "mutex_lock", 1, 4), step(2, "mutex_unlock", 1, 6), step(2, "mutex_lock", 1, 4)});
  EXPECT_EQ(step_of_access(loop, of_child({a}, 5), 5), 5u);
  EXPECT_EQ(step_of_access(loop, of_child({a}, 5), 4), 3u);
}

TEST(step_of_access, a_try_that_may_have_failed_takes_nothing) {
  const schedule tried = steps({step(2, "mutex_try_lock", 1, 4), step(2, "mutex_lock", 2, 5), step(2, "mutex_unlock", 2, 6), step(2, "mutex_unlock", 1, 7)});
  EXPECT_EQ(step_of_access(tried, of_child({b}, 5), 4), 2u);
}

TEST(step_of_access, is_the_last_where_the_locks_tell_nothing) {
  EXPECT_EQ(step_of_access(two_sections, of_child({0x3000}, 5), 7), 7u);
  EXPECT_EQ(step_of_access(steps({step(1, "begin", 0, 0)}), of_child({}, 5), 1), 0u);
}

}  // namespace
