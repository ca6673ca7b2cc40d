// Each guide is followed to the letter: its files written, its commands run, its words found.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/guides/blocks.hpp"
#include "tests/guides/with_ravel.hpp"
#include "tests/support/command.hpp"

namespace ravel::test {

namespace {

std::string source(const std::string& path) {
  std::ifstream in(std::string(RAVEL_SOURCE_DIR "/") + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class guides : public testing::TestWithParam<const char*> {};

}  // namespace

TEST_P(guides, do_what_they_say) {
  const std::string name = GetParam();
  const scratch_folder folder;
  outcome last{0, "", ""};
  int ran = 0;
  for (const block& b : blocks_of(source("examples/guides/" + name + ".md"))) {
    const std::string where = name + ".md:" + std::to_string(b.line);
    if (b.language == "cpp") {
      ASSERT_NE(b.word, "") << where << ": a file without a name";
      folder.write(b.word, b.text);
    } else if (b.language == "sh") {
      ASSERT_NE(b.word, "") << where << ": a command without its status";
      last = folder.run(with_ravel + b.text);
      ASSERT_EQ(std::to_string(last.status), b.word) << where << "\n" << last.out << last.err;
      ++ran;
    } else {
      ASSERT_EQ(b.language, "text") << where;
      const std::string said = last.out + last.err;
      EXPECT_EQ(first_line_missing(b.text, said), "") << where << "\n" << said;
    }
  }
  EXPECT_GE(ran, 2) << name;
}

INSTANTIATE_TEST_SUITE_P(each, guides, testing::Values("annotate", "ci", "find_a_race", "from_std_thread", "record_in_ci", "replay_and_shrink", "test_under_schedules"),
                         [](const auto& p) { return std::string(p.param); });

TEST(guides, all_of_them_are_tested_and_listed) {
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RAVEL_SOURCE_DIR "/examples/guides")) {
    const std::string file = entry.path().filename();
    if (file == "README.md") continue;
    ++found;
    EXPECT_NE(source("examples/guides/README.md").find("(" + file + ")"), std::string::npos) << file;
  }
  EXPECT_EQ(found, 7);
}

// README's programs begin with "// NAME: COMMAND". What they say is the block after each: all of it where a controlled schedule decides, of a
// run in parallel the first line.
TEST(guides, the_readme_does_what_it_says) {
  const std::vector<block> all = blocks_of(source("README.md"));
  int ran = 0;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    if (all[i].language != "cpp" || all[i].text.rfind("// ", 0) != 0) continue;
    const std::string first = all[i].text.substr(3, all[i].text.find('\n') - 3);
    const std::size_t colon = first.find(": ");
    ASSERT_NE(colon, std::string::npos) << first;
    const scratch_folder folder;
    folder.write(first.substr(0, colon), all[i].text);
    const outcome o = folder.run(with_ravel + first.substr(colon + 2));
    const bool controlled = all[i].text.find("RAVEL_TEST") != std::string::npos;
    const std::string& whole = all[i + 1].text;
    const std::string expected = controlled ? whole : whole.substr(0, whole.find('\n') + 1), said = o.out + o.err;
    EXPECT_NE(o.status, 0) << said;
    EXPECT_EQ(first_line_missing(expected, said), "") << said;
    ++ran;
  }
  EXPECT_EQ(ran, 2);
}

// The ways to build of its chapter "Use it", over its first program.
TEST(guides, the_readmes_ways_to_build_build) {
  const scratch_folder folder;
  int ways = 0;
  for (const block& b : blocks_of(source("README.md"))) {
    if (b.language == "cpp" && b.text.rfind("// bank.cpp: ", 0) == 0) folder.write("bank.cpp", b.text);
    if (b.language == "sh" && b.text.rfind("ravel++ ", 0) == 0) {
      const outcome o = folder.run(with_ravel + "set -e\n" + b.text + "./bank\nstatus=0\n./bank_race || status=$?\nexit $status");
      EXPECT_EQ(o.status, 66) << b.text << o.out << o.err;
      EXPECT_NE(o.err.find("WARNING: DATA RACE"), std::string::npos) << o.err;
      ++ways;
    } else if (b.language == "cmake") {
      folder.write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\nproject(bank LANGUAGES CXX)\n" + b.text);
      const outcome o = folder.run(with_ravel + "set -e\nexport CMAKE_GENERATOR=Ninja\ncmake -B build -DCMAKE_CXX_COMPILER=clang++-19 >log 2>&1 && cmake --build build >>log 2>&1\n"
                                   "build/bank\nstatus=0\nbuild/bank_race || status=$?\nexit $status");
      EXPECT_EQ(o.status, 66) << folder.read("log") << o.out << o.err;
      ++ways;
    }
  }
  EXPECT_EQ(ways, 2);
}

}  // namespace ravel::test
