// The scripts of examples/ci as the services call them, over an installed copy of this build.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/guides/with_ravel.hpp"
#include "tests/support/command.hpp"

namespace ravel::test {

namespace {

const std::string scripts = RAVEL_SOURCE_DIR "/examples/ci/";

outcome run_as_a_service(const scratch_folder& folder, const std::string& arguments) {
  // Shards are machines: each has a build folder of its own; results are carried together.
  return folder.run(with_ravel + arguments + " mkdir -p results && for i in 0 1 2; do mkdir m$i && (cd m$i && " + scripts +
                    "run $i 3) || exit 9; cp m$i/results/* results/; done; exec " + scripts + "merge");
}

}  // namespace

TEST(ci_scripts, pass_when_all_shards_pass) {
  const scratch_folder folder;
  const outcome o = run_as_a_service(folder, "");
  EXPECT_EQ(o.status, 0) << o.out << o.err;
  EXPECT_NE(o.out.find("ravel test: 3 tests, 5 runs: passed; seed 1"), std::string::npos) << o.out;
  EXPECT_NE(folder.read("results.xml").find("tests=\"5\" failures=\"0\""), std::string::npos);
  EXPECT_NE(folder.read("report.html").find("\"findings\":[]"), std::string::npos);
}

TEST(ci_scripts, fail_with_66_for_a_race_in_one_shard_until_it_is_known) {
  const scratch_folder folder;
  const outcome o = run_as_a_service(folder, "export CMAKE_ARGUMENTS=-DCMAKE_CXX_FLAGS=-DSHOP_WITH_A_RACE;");
  EXPECT_EQ(o.status, 66) << o.out << o.err;
  EXPECT_NE(o.out.find("--- FAIL: shop.counts_its_takings (parallel)"), std::string::npos) << o.out;
  EXPECT_NE(folder.read("report.html").find("shop_counts_its_takings_Test"), std::string::npos);
  ASSERT_EQ(folder.run(with_ravel + "ravel merge --write-baseline known_findings results/*.jsonl").status, 66);
  EXPECT_EQ(folder.run(with_ravel + scripts + "merge").status, 0);
  // A machine that never came back is no pass.
  EXPECT_EQ(folder.run(with_ravel + "rm results/shard1.jsonl; " + scripts + "merge").status, 2);
}

TEST(ci_scripts, the_services_call_what_is_tested) {
  for (const char* file : {"github.yml", "gitlab.yml", "kubernetes.yaml"}) {
    std::ifstream in(scripts + file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_NE(text.find("examples/ci/run "), std::string::npos) << file;
    EXPECT_NE(text.find("examples/ci/merge"), std::string::npos) << file;
  }
}

}  // namespace ravel::test
