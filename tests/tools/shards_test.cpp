// Shards of one test, by every protocol, and ravel merge: several processes give what one gives.

#include "tests/tools/tools_fixture.hpp"

namespace ravel::test {

namespace {

const std::string words = " --schedules 30 " FINDINGS " --gtest_filter=-direct.panic";

}  // namespace

TEST_F(tools, shards_together_are_the_whole_for_any_number_of_them) {
  const std::string whole = findings_of(ravel("test" + words).out);
  for (const int n : {1, 2, 5, 11}) {  // more shards than tests, too
    std::string files;
    for (int i = 0; i < n; ++i) {
      const std::string file = std::to_string(n) + "_" + std::to_string(i);
      const int status = ravel("test --output " + file + " --shard " + std::to_string(i) + "/" + std::to_string(n) + words).status;
      EXPECT_TRUE(status == 0 || status == 1 || status == 66) << status;
      files = file + " " + files;  // in no particular order
    }
    const outcome o = ravel("merge " + files);
    EXPECT_EQ(o.status, 66) << o.err;
    EXPECT_EQ(findings_of(o.out), whole) << n;
  }
}

TEST_F(tools, shards_at_the_same_time_do_not_disturb_each_other) {
  const std::string whole = findings_of(ravel("test" + words).out);
  run("for i in 0 1 2; do JOB_COMPLETION_INDEX=$i RAVEL_SHARDS=3 " RAVEL " test --output part$i" + words + " & done; wait");
  EXPECT_EQ(findings_of(ravel("merge part0 part1 part2").out), whole);
}

TEST_F(tools, a_shard_is_taken_from_the_environment_of_each_engine) {
  const auto shard_says = [&](const std::string& environment, const std::string& option, const std::string& says) {
    const outcome o = run(environment + " " RAVEL " test " + option + " " FINDINGS " --gtest_filter=*passes*");
    EXPECT_EQ(o.status, 0) << environment << o.err;
    EXPECT_NE(o.out.find(says), std::string::npos) << environment << "\n" << o.out;
  };
  shard_says("GTEST_SHARD_INDEX=1 GTEST_TOTAL_SHARDS=3 GTEST_SHARD_STATUS_FILE=gtest_status", "", "(shard 1 of 3)");
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "gtest_status"));
  shard_says("TEST_SHARD_INDEX=2 TEST_TOTAL_SHARDS=3 TEST_SHARD_STATUS_FILE=bazel_status XML_OUTPUT_FILE=bazel.xml", "", "1 test, 1 run (shard 2 of 3)");
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "bazel_status"));
  EXPECT_NE(folder_.read("bazel.xml").find("passes_after_all"), std::string::npos);
  shard_says("JOB_COMPLETION_INDEX=0 RAVEL_SHARDS=3", "", "(shard 0 of 3)");
  shard_says("JOB_COMPLETION_INDEX=2", "--shard env:JOB_COMPLETION_INDEX/3", "(shard 2 of 3)");
  shard_says("JOB_COMPLETION_INDEX=2", "", "3 tests, 4 runs: passed");  // without a total it says nothing
}

TEST_F(tools, nonsense_about_shards_is_refused) {
  expect_refused("test --shard 3/3" + words, "shard 3 of 3 is none; they count from 0");
  expect_refused("test --shard 3" + words, "needs an index and a total, as 2/16");
  expect_refused("test --shard x/3" + words, "the index of --shard must be a number, not 'x'");
  expect_refused("test --shard env:NOWHERE/3" + words, "the environment has no NOWHERE");
  const outcome o = run("GTEST_SHARD_INDEX=5 GTEST_TOTAL_SHARDS=2 " RAVEL " test" + words);
  EXPECT_EQ(o.status, 2);
  EXPECT_NE(o.err.find("GTEST_SHARD_INDEX and GTEST_TOTAL_SHARDS: shard 5 of 2 is none"), std::string::npos) << o.err;
}

TEST_F(tools, merge_takes_the_shards_of_one_test_and_all_of_them) {
  const std::string passing = " " FINDINGS " --gtest_filter=*passes*";
  for (const char* i : {"0", "1"}) expect_status(0, std::string("test --seed 5 --output part") + i + " --shard " + i + "/2" + passing);
  expect_status(0, "merge --output whole --junit whole.xml part1 part0", "3 tests, 4 runs: passed; seed 5");
  expect_status(0, "merge whole", "3 tests, 4 runs: passed; seed 5");
  EXPECT_NE(folder_.read("whole.xml").find("tests=\"4\" failures=\"0\""), std::string::npos);
  expect_refused("merge", "which files?");
  expect_refused("merge part0", "shard 1 of 2 is missing");
  expect_refused("merge part0 part0", "part0: shard 0 again, after part0");
  expect_refused("merge part0 nowhere", "nowhere: cannot be read");
  expect_status(0, "test --seed 6 --output other --shard 1/2" + passing);
  expect_refused("merge part0 other", "other: of another test than part0");
  const std::string text = folder_.read("part1");
  folder_.write("cut", text.substr(0, text.rfind("{\"runs\"")));
  expect_refused("merge part0 cut", "the file ends too early");
  folder_.write("torn", text.substr(0, text.size() / 2));
  expect_refused("merge part0 torn", "no line of `ravel test --output`");
  folder_.write("newer", "{\"ravel_test\":2}\n");
  expect_refused("merge newer", "newer:1: version 2 of the results");
}

TEST_F(tools, merge_counts_only_what_the_baseline_does_not_know) {
  const std::string failing = " " FINDINGS " --gtest_filter=direct.race:direct.assertion";
  for (const char* i : {"0", "1"}) ravel(std::string("test --output part") + i + " --shard " + i + "/2" + failing);
  expect_status(66, "merge --write-baseline known part0 part1", "2 new findings");
  expect_status(0, "merge --baseline known part0 part1", "2 findings of the baseline");
}

}  // namespace ravel::test
