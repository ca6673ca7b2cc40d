// word_count against the tools that have counted words since 1986, on the licences that every Debian has.

#include <gtest/gtest.h>

#include "tests/examples/examples.hpp"

namespace {

using namespace ravel::test;

// Each file by itself: the last word of one and the first of the next are two.
const std::string words_of_all =
    "find /usr/share/common-licenses -xtype f | while read -r file; do tr -cs A-Za-z '\\n' <\"$file\"; done | grep .";

std::string by_other_tools(const std::string& command) {
  const scratch_folder folder;
  const outcome o = folder.run("export LC_ALL=C; " + command);
  EXPECT_EQ(o.status, 0) << o.err;
  return o.out;
}

TEST(word_count, fixed_twin_counts_as_other_tools_do) {
  const std::string most_frequent = by_other_tools(words_of_all + " | tr A-Z a-z | sort | uniq -c | sort -k1,1nr -k2 | sed -n '1,10s/^ *//p'");
  const std::string files = by_other_tools("find /usr/share/common-licenses -xtype f | grep -c .");
  const std::string total = by_other_tools(words_of_all + " | grep -c .");
  const std::string expected =
      most_frequent + total.substr(0, total.find('\n')) + " words in " + files.substr(0, files.find('\n')) + " files\n";
  for (const variant v : {variant::plain, variant::race}) EXPECT_EQ(run("word_count_fixed", v, 4).out, expected);
}

TEST(word_count, takes_files_and_folders) {
  const scratch_folder texts;
  texts.write("one", "To be, or not to be");
  texts.write("folder/deep/two", "that IS the question");
  const outcome o = run("word_count_fixed", variant::race, 4, "'" + (texts.path() / "one").string() + "' '" + (texts.path() / "folder").string() + "'");
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(o.out, "2 be\n2 to\n1 is\n1 not\n1 or\n1 question\n1 that\n1 the\n10 words in 2 files\n");
}

TEST(word_count, bad_argument_is_one_line_and_status_2) {
  for (const char* program : {"word_count", "word_count_fixed"}) {
    const outcome o = run(program, variant::plain, 4, "/no/such/file");
    EXPECT_EQ(o.status, 2);
    EXPECT_EQ(o.out, "");
    EXPECT_EQ(o.err, "word_count: /no/such/file: No such file or directory; name text files, or folders of them\n");
  }
}

}  // namespace
