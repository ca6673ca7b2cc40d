// program_test BINARY...: runs each case of each binary several times, on one, four and two processors in turn, and compares what happens
// with what the case's name promises. RAVEL_PROGRAM_RUNS sets the number of runs (3).

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tests/programs/driver/case_list.hpp"
#include "tests/programs/driver/judge.hpp"
#include "tests/programs/driver/known_failing.hpp"
#include "tests/programs/driver/process.hpp"
#include "tests/programs/driver/table.hpp"

namespace programs {
namespace {

int runs_each = 3;

class one_case : public testing::Test {
 public:
  explicit one_case(case_name c) : case_(std::move(c)) {}

  void TestBody() override {
    verdict worst;
    int failed_runs = 0;
    for (int run = 0; run < runs_each; ++run) {
      static constexpr const char* processors[] = {"RAVEL_MAXPROCS=1", "RAVEL_MAXPROCS=4", "RAVEL_MAXPROCS=2"};
      const char* maxprocs = processors[run % 3];
      const bool advised = case_.expected == expectation::advice || case_.expected == expectation::no_advice;
      const char* options = advised ? "RAVEL_OPTIONS=log_format=json:log_path=stdout:advice=1" : "RAVEL_OPTIONS=log_format=json:log_path=stdout";
      verdict v = judge(case_, run_process(case_.binary, {case_.name}, {options, maxprocs}));
      if (v.kind == verdict_kind::as_expected) continue;
      ++failed_runs;
      worst = {v.kind, std::string(maxprocs) + ": " + v.why};
    }
    const char* known = known_failing(case_);
    count_case(case_.topic, worst.kind, known != nullptr);
    if (known != nullptr) {
      EXPECT_NE(failed_runs, 0) << "is listed as failing (" << known << ") but does what it should: take its row out of known_failing.cpp";
      return;
    }
    EXPECT_EQ(failed_runs, 0) << "of " << runs_each << " runs. Again: " << case_.binary << " " << case_.name << "\n" << worst.why;
  }

 private:
  case_name case_;
};

void register_cases(const std::string& binary) {
  for (const case_name& c : cases_of(binary)) {
    testing::RegisterTest(c.topic.c_str(), c.name.c_str(), nullptr, nullptr, c.source.c_str(), c.line,
                          [c]() -> testing::Test* { return new one_case(c); });
  }
}

}  // namespace
}  // namespace programs

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (const char* n = std::getenv("RAVEL_PROGRAM_RUNS")) programs::runs_each = std::atoi(n);
  if (argc < 2 || programs::runs_each < 1) {
    std::fprintf(stderr, "program_test: name the binaries to run, and at least one run in RAVEL_PROGRAM_RUNS\n");
    return 2;
  }
  try {
    for (int i = 1; i < argc; ++i) programs::register_cases(argv[i]);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "program_test: %s\n", e.what());
    return 2;
  }
  const int status = RUN_ALL_TESTS();
  programs::print_table(programs::runs_each);
  return status;
}
