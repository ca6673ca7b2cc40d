#include "detector/report/suppressions.hpp"

#include <gtest/gtest.h>

#include "tests/report/samples.hpp"

namespace {

using namespace ravel::detector::report;
using namespace ravel::test;

TEST(glob, matches) {
  const struct { const char* pattern; const char* text; bool expected; } rows[] = {
      {"deposit", "bank::deposit(int)", true},
      {"deposit", "withdraw", false},
      {"^deposit", "bank::deposit(int)", false},
      {"^bank::", "bank::deposit(int)", true},
      {"(int)$", "bank::deposit(int)", true},
      {"deposit$", "bank::deposit(int)", false},
      {"^deposit$", "deposit", true},
      {"^deposit$", "deposits", false},
      {"bank*int", "bank::deposit(int)", true},
      {"int*bank", "bank::deposit(int)", false},
      {"^b*t*)$", "bank::deposit(int)", true},
      {"*", "", true},
      {"^*$", "anything", true},
      {"a*b*c", "a-b-b-c", true},
      {"^a*ab$", "aaab", true},
      {"^a*ab$", "aaabb", false},
      {"", "anything", true},
      {"x", "", false},
  };
  for (const auto& r : rows) EXPECT_EQ(glob_matches(r.pattern, r.text), r.expected) << r.pattern << " and " << r.text;
}

std::string wrong(std::string_view text) {
  suppression_list s;
  return s.parse(text, "my.supp");
}

TEST(suppressions, comments_blanks_and_line_ends_of_all_kinds_are_read) {
  suppression_list s;
  EXPECT_EQ(s.parse("# of old times\n\n  race:deposit \t\r\nrace:^other$", "my.supp"), "");
  EXPECT_TRUE(s.matches(bank_race()));
  EXPECT_EQ(s.describe_used(), "ravel: 1 report(s) suppressed by race:deposit (my.supp:3)\n");
  EXPECT_EQ(s.describe_unused(), "ravel: suppression race:^other$ (my.supp:4) matched nothing\n");
}

TEST(suppressions, a_wrong_line_is_named) {
  EXPECT_EQ(wrong("race:a\nthread:b\n"), "my.supp:2: 'thread:b' is not of the form race:PATTERN (or deadlock:, leak:, lock_order:, misuse:)");
  EXPECT_EQ(wrong("race:"), "my.supp:1: 'race:' is not of the form race:PATTERN (or deadlock:, leak:, lock_order:, misuse:)");
  EXPECT_EQ(wrong("deposit"), "my.supp:1: 'deposit' is not of the form race:PATTERN (or deadlock:, leak:, lock_order:, misuse:)");
  suppression_list s;
  EXPECT_EQ(s.load("/nowhere/my.supp"), "/nowhere/my.supp: cannot be read; give the path of a file with one 'race:PATTERN' per line");
}

bool suppressed_by(const char* pattern, const race& r) {
  finding f;
  f.data_race = r;
  suppression_list s;
  EXPECT_EQ(s.parse(std::string("race:") + pattern, "my.supp"), "");
  return s.matches(f);
}

TEST(suppressions, look_at_functions_files_modules_and_names_of_either_access) {
  race r = bank_race().data_race;
  r.previous.at.push_back(without_source("f", "/lib/libold.so", 16));
  r.where.name = "accounts";
  for (const char* pattern : {"deposit", "main()", "{lambda#1}", "bank.cpp$", "libold.so", "^a.balance$", "^accounts$"}) {
    EXPECT_TRUE(suppressed_by(pattern, r)) << pattern;
  }
  for (const char* pattern : {"withdraw", "^bank.cpp", "balance$x"}) EXPECT_FALSE(suppressed_by(pattern, r)) << pattern;
  r.current.variable = r.previous.variable = r.where.name = "";
  EXPECT_FALSE(suppressed_by("^$", race{})) << "what is unknown is not empty";
}

TEST(suppressions, the_first_that_matches_is_counted) {
  suppression_list s;
  EXPECT_EQ(s.parse("race:nothing\nrace:deposit\nrace:main\n", "my.supp"), "");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(s.matches(bank_race()));
  EXPECT_EQ(s.describe_used(), "ravel: 3 report(s) suppressed by race:deposit (my.supp:2)\n");
}

}  // namespace
