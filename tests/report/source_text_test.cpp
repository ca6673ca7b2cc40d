#include "detector/report/source_text.hpp"

#include <gtest/gtest.h>

#include "tests/support/command.hpp"

namespace {

using namespace ravel::detector::report;

class source_lines : public testing::Test {
 protected:
  std::string line(const std::string& file, std::uint32_t n) { return text_.line((folder_.path() / file).string(), n); }

  ravel::test::scratch_folder folder_;
  source_text text_;
};

TEST_F(source_lines, are_counted_from_one) {
  folder_.write("a.cpp", "one\ntwo\n\nfour");
  EXPECT_EQ(line("a.cpp", 1), "one");
  EXPECT_EQ(line("a.cpp", 2), "two");
  EXPECT_EQ(line("a.cpp", 3), "");
  EXPECT_EQ(line("a.cpp", 4), "four");
  EXPECT_EQ(line("a.cpp", 5), "");
  EXPECT_EQ(line("a.cpp", 0), "");
}

TEST_F(source_lines, lose_carriage_returns_and_keep_their_columns) {
  folder_.write("a.cpp", "\tone\t1\r\n");
  EXPECT_EQ(line("a.cpp", 1), " one 1");
}

TEST_F(source_lines, of_files_that_are_not_there_are_empty) {
  EXPECT_EQ(line("absent.cpp", 1), "");
  EXPECT_EQ(text_.line("", 1), "");
  EXPECT_EQ(text_.line(folder_.path().string(), 1), "");
}

TEST_F(source_lines, are_read_once) {
  folder_.write("a.cpp", "before\n");
  EXPECT_EQ(line("a.cpp", 1), "before");
  folder_.write("a.cpp", "after\n");
  EXPECT_EQ(line("a.cpp", 1), "before");
}

}  // namespace
