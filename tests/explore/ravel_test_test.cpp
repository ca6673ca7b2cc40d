#include <ravel/gtest.hpp>
#include <ravel/ravel.hpp>

using namespace ravel;

namespace {

RAVEL_TEST(ravel_test, passes) {
  mutex m;
  int n = 0;
  wait_group both;
  for (int i = 0; i < 2; ++i) {
    both.go([&] {
      const std::lock_guard hold(m);
      ++n;
    });
  }
  both.wait();
  EXPECT_EQ(n, 2);
}

std::atomic<int> schedules{0};

RAVEL_TEST_WITH(ravel_test, takes_options, (explore::options{.schedules = 77, .strategy = "pos"})) { schedules.fetch_add(1); }

TEST(ravel_test, ran_as_often_as_asked) {
  if (std::getenv("RAVEL_SCHEDULES") == nullptr) EXPECT_EQ(schedules.load() % 77, 0);
}

void expectation_in_a_goroutine() {
  std::atomic<int> n{0};
  wait_group both;
  both.go([&] { n.store(1); });
  both.go([&] { EXPECT_EQ(n.load(), 1); });
  both.wait();
}

TEST(ravel_test, a_failed_expectation_fails_with_line_and_command) {
  ::testing::TestPartResultArray said;
  {
    const ::testing::ScopedFakeTestPartResultReporter hear(::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &said);
    explore::detail::run_test(&expectation_in_a_goroutine, {}, "suite", "name", "file.cpp", 7);
  }
  ASSERT_EQ(said.size(), 1);
  const std::string text = said.GetTestPartResult(0).message();
  EXPECT_NE(text.find("assertion: "), std::string::npos) << text;
  EXPECT_NE(text.find("RAVEL_REPLAY='r2:a:"), std::string::npos) << text;
  EXPECT_NE(text.find("--gtest_filter=suite.name"), std::string::npos) << text;
}

}  // namespace
