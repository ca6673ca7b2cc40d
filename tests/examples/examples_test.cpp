// Every planted race is reported in each of twenty runs, with both stacks, the marked lines and the variable's name, and nothing else is;
// every fixed twin is silent in each of twenty runs and right.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/examples/examples.hpp"

namespace {

using namespace ravel::test;
using nlohmann::json;

constexpr int runs = 20;

int processors_of(int run) { return run % 2 == 0 ? 4 : 1; }

class examples_test : public testing::TestWithParam<example> {};

json reports_in(const std::string& err) {
  json reports = json::array();
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) reports.push_back(json::parse(line));
  return reports;
}

// Where the example's own code is: the innermost frame in its file.
int line_in(const example& e, const json& access) {
  const std::string file = "/" + e.name + "/" + e.name + ".cpp";
  for (const json& frame : access["stack"]) {
    if (frame["file"].get<std::string>().ends_with(file)) return frame["line"];
  }
  return 0;
}

void expect_planted_race(const example& e, const json& report) {
  EXPECT_EQ(report["kind"], "data_race");
  std::set<int> lines;
  for (const char* which : {"current", "previous"}) {
    const json& access = report[which];
    EXPECT_FALSE(access["stack"].empty()) << which;
    EXPECT_TRUE(access["goroutine"]["id"] == 1 || !access["goroutine"]["created_at"].empty()) << which;
    EXPECT_TRUE(e.variables.contains(access["variable"])) << which << ": " << access["variable"];
    lines.insert(line_in(e, access));
  }
  EXPECT_NE(report["current"]["goroutine"]["id"], report["previous"]["goroutine"]["id"]);
  EXPECT_EQ(lines, racing_lines(e));
}

TEST_P(examples_test, race_is_reported_in_every_run) {
  for (int i = 0; i < runs; ++i) {
    const outcome o = run(GetParam().name, variant::race, processors_of(i));
    SCOPED_TRACE("run " + std::to_string(i) + " wrote:\n" + o.err);
    ASSERT_EQ(o.status, 66);
    EXPECT_TRUE(std::regex_match(o.out, std::regex(GetParam().racy_output))) << o.out;
    const json reports = reports_in(o.err);
    ASSERT_EQ(reports.size(), 1u);
    expect_planted_race(GetParam(), reports[0]);
    if (HasFailure()) return;
  }
}

TEST_P(examples_test, fixed_twin_is_silent_in_every_run) {
  for (int i = 0; i < runs; ++i) {
    const outcome o = run(GetParam().name + "_fixed", variant::race, processors_of(i));
    ASSERT_EQ(o.status, 0) << o.err;
    ASSERT_EQ(o.err, "");
    ASSERT_TRUE(std::regex_match(o.out, std::regex(GetParam().output))) << o.out;
  }
}

TEST_P(examples_test, plain_build_runs) {
  const outcome racy = run(GetParam().name, variant::plain, 4);
  EXPECT_EQ(racy.status, 0) << racy.err;
  EXPECT_TRUE(std::regex_match(racy.out, std::regex(GetParam().racy_output))) << racy.out;
  const outcome fixed = run(GetParam().name + "_fixed", variant::plain, 4);
  EXPECT_EQ(fixed.status, 0) << fixed.err;
  EXPECT_EQ(fixed.err, "");
  EXPECT_TRUE(std::regex_match(fixed.out, std::regex(GetParam().output))) << fixed.out;
}

INSTANTIATE_TEST_SUITE_P(all, examples_test, testing::ValuesIn(examples()), [](const auto& info) { return info.param.name; });

}  // namespace
