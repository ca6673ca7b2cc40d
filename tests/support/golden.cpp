#include "tests/support/golden.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace ravel::test {

void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(RAVEL_SOURCE_DIR) / "tests/golden" / name;
  if (const char* update = std::getenv("RAVEL_UPDATE_GOLDEN"); update != nullptr && std::string(update) == "1") {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out << text;
    ASSERT_TRUE(out.flush()) << file << " cannot be written";
    return;
  }
  std::ifstream in(file, std::ios::binary);
  ASSERT_TRUE(in) << file << " is missing: run this test with RAVEL_UPDATE_GOLDEN=1 to make it";
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, expected) << "if the new text is right, run this test with RAVEL_UPDATE_GOLDEN=1 and commit " << name;
}

}  // namespace ravel::test
