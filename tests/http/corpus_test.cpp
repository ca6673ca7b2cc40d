// What the fuzzer of the parser has found worth keeping, once more: it aborts where it finds something.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

TEST(http_parser, the_fuzzers_corpus_is_understood_alike_whole_and_in_pieces) {
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(CORPUS)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const unsigned char*>(text.data()), text.size()), 0) << file.path();
    ++files;
  }
  EXPECT_GE(files, 100);
}
