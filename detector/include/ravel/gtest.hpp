#pragma once
// A GoogleTest test that is explored under many schedules; the only header of Ravel's that needs GoogleTest. Compile with ravel++ -race.
//
//   RAVEL_TEST(Bank, transfer_keeps_the_sum) {
//     account a{100}, b{0};
//     ravel::wait_group both;
//     both.go([&] { transfer(a, b, 10); });
//     both.go([&] { transfer(a, b, 20); });
//     both.wait();
//     EXPECT_EQ(a.balance + b.balance, 100);
//   }
//
// EXPECT_* and ASSERT_* work in every goroutine. The first schedule that fails in any way (an assertion, a race, a deadlock, ...) fails the
// test, with the report, the schedule's line, and the command that replays it. In the environment: RAVEL_SCHEDULES (a number; 0 runs the body
// once in parallel mode, as a TEST does), RAVEL_STRATEGY, RAVEL_SEED, RAVEL_NETWORK (faults), and RAVEL_REPLAY, a line to run instead of exploring.
//
// Where this header is included in one file of a test program, every TEST in it fails when the detector reported something while it ran, with
// the report, in GoogleTest's XML too; the command that a report ends with runs only that test. What goroutines do that outlive their test counts for the test that runs then.

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cerrno>  // program_invocation_name, glibc's
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

#include "explore.hpp"

namespace ravel { inline namespace v1_race {
namespace explore::detail {

// Collects what EXPECT_* and ASSERT_* say, so that it counts for the schedule and not at once for the test.
class assertions {
 public:
  assertions() : reporter_(std::in_place, ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results_) {
    observe({[](void* p) { static_cast<assertions*>(p)->seen_ = static_cast<assertions*>(p)->results_.size(); },
             [](void* p, std::string& message) { return static_cast<assertions*>(p)->failed(message); }, this});
  }
  ~assertions() { observe({}); }
  assertions(const assertions&) = delete;
  assertions& operator=(const assertions&) = delete;

 private:
  bool failed(std::string& message) const {
    for (int i = seen_; i < results_.size(); ++i) {
      const ::testing::TestPartResult& r = results_.GetTestPartResult(i);
      if (!r.failed()) continue;
      message = std::string(r.file_name() != nullptr ? r.file_name() : "?") + ":" + std::to_string(r.line_number()) + ": " + r.message();
      return true;
    }
    return false;
  }
  ::testing::TestPartResultArray results_;
  int seen_ = 0;
  std::optional<::testing::ScopedFakeTestPartResultReporter> reporter_;
};

inline std::uint64_t number_in_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return otherwise;
  char* end = nullptr;
  const unsigned long long n = std::strtoull(text, &end, 10);
  if (*end != '\0') throw std::invalid_argument(std::string(name) + " must be a number, not '" + text + "'");
  return n;
}

inline void run_test(void (*body)(), options o, const char* suite, const char* name, const char* file, int line) {
  result r;
  const char* replayed = std::getenv("RAVEL_REPLAY");
  try {
    o.schedules = number_in_environment("RAVEL_SCHEDULES", o.schedules);
    if (o.schedules == 0 && (replayed == nullptr || *replayed == '\0')) {
      body();
      return;
    }
    o.seed = number_in_environment("RAVEL_SEED", o.seed);
    if (const char* s = std::getenv("RAVEL_STRATEGY"); s != nullptr && *s != '\0') o.strategy = s;
    if (const char* s = std::getenv("RAVEL_NETWORK"); s != nullptr && *s != '\0') o.network = s;
    const assertions collect;
    r = replayed != nullptr && *replayed != '\0' ? explore::replay(body, replayed) : explore::run(body, o);
  } catch (const std::logic_error& e) {
    ADD_FAILURE_AT(file, line) << e.what();
    return;
  }
  std::printf("[ SCHEDULES] %s.%s: %s\n", suite, name, r.verdict.c_str());  // `ravel test` looks for it
  ::testing::Test::RecordProperty("ravel_schedules", static_cast<int>(r.schedules));
  for (const failure& f : r.failures) {
    ADD_FAILURE_AT(file, line) << name_of(f.kind) << ": " << f.message << "\n\n" << f.report << "\n" << r.verdict << "\nschedule: " << f.schedule
                               << "\nreplay:   RAVEL_REPLAY='" << f.schedule << "' " << ::program_invocation_name << " --gtest_filter=" << suite << "." << name;
  }
  if (r.failures.empty() && replayed != nullptr && *replayed != '\0') ADD_FAILURE_AT(file, line) << r.verdict;
}

inline const bool reads_replay_itself = (tests_replay_themselves(), true);
// Fails the test in which the detector reported something.
class report_listener final : public ::testing::EmptyTestEventListener {
 public:
  void OnTestStart(const ::testing::TestInfo& test) override {
    before_ = reports();
    runs_under(std::string("--gtest_filter=") + test.test_suite_name() + "." + test.name());
  }
  void OnTestEnd(const ::testing::TestInfo& test) override {
    const std::size_t now = reports();
    runs_under("");
    if (now == before_) return;
    std::string text;
    for (std::size_t i = before_; i < now; ++i) text += report_text(i);
    ADD_FAILURE_AT(test.file(), test.line()) << "Ravel: " << now - before_ << " finding(s) while this test ran\n" << text;
  }

 private:
  std::size_t before_ = 0;
};

// Once a program, before main.
inline const bool listening = [] {
  keep_reports();
  ::testing::UnitTest::GetInstance()->listeners().Append(new report_listener);
  return true;
}();

}  // namespace explore::detail
} }

#define RAVEL_TEST_WITH(suite, name, ...)                                                                              \
  static void suite##_##name##_body_under_schedules();                                                                        \
  TEST(suite, name) {                                                                                                  \
    ::ravel::explore::detail::run_test(&suite##_##name##_body_under_schedules, __VA_ARGS__, #suite, #name, __FILE__, __LINE__); \
  }                                                                                                                    \
  static void suite##_##name##_body_under_schedules()

#define RAVEL_TEST(suite, name) RAVEL_TEST_WITH(suite, name, ::ravel::explore::options{})
