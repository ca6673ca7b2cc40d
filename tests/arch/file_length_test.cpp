// Files that a person can hold in the head: none above 800 lines.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "tests/arch/source_tree.hpp"

namespace {

using namespace ravel::test;

constexpr std::size_t longest_allowed = 800;

TEST(file_length, none_is_above_800_lines) {
  std::vector<std::size_t> lengths;
  for (const std::string& file : source_files(RAVEL_SOURCE_DIR)) {
    lengths.push_back(lines_of(std::filesystem::path(RAVEL_SOURCE_DIR) / file).size());
    EXPECT_LE(lengths.back(), longest_allowed) << file << ": split it, one job a file";
  }
  ASSERT_GT(lengths.size(), 100u) << "the project was not found under " RAVEL_SOURCE_DIR;
  std::sort(lengths.begin(), lengths.end());
  std::cout << lengths.size() << " files, median " << lengths[lengths.size() / 2] << " lines, one in ten above " << lengths[lengths.size() * 9 / 10]
            << ", longest " << lengths.back() << "\n";
}

}  // namespace
