// RAVEL_OPTIONS: every row is read and shown, every mistake is named with its remedy.

#include "detector/report/options.hpp"

#include <gtest/gtest.h>

#include "tests/support/golden.hpp"

namespace {

using namespace ravel::detector::report;

std::string wrong(std::string_view settings) {
  options o;
  return parse_options(settings, o);
}

TEST(options, are_described_with_their_defaults) { ravel::test::expect_golden("options.txt", describe_options({})); }

TEST(options, every_row_is_read_back) {
  const char* settings[] = {"report=r.jsonl", "record=run.ravel", "log_path=report", "log_format=json",      "exitcode=3",      "halt_on_error=1",
                            "strip_path_prefix=/src/", "color=always",         "print_summary=0", "leaks=exit",
                            "suppressions=a.s",        "print_suppressions=0", "verbosity=1", "advice=1",         "checks=0"};
  const std::string defaults = describe_options({});
  std::size_t rows = 0;
  for (std::size_t at = defaults.find("\n  "); at != defaults.npos; at = defaults.find("\n  ", at + 1)) rows += defaults[at + 3] != ' ';
  EXPECT_EQ(std::size(settings), rows) << "a row of options.def is not in this test";
  for (const char* setting : settings) {
    options o;
    EXPECT_EQ(parse_options(setting, o), "") << setting;
    EXPECT_NE(describe_options(o), defaults) << setting;
    EXPECT_NE(describe_options(o).find(std::string("  ") + setting + "\n"), std::string::npos) << setting;
  }
}

TEST(options, stand_between_blanks_or_colons) {
  options o;
  EXPECT_EQ(parse_options("  exitcode=5\t:halt_on_error=true\n verbosity=1 ", o), "");
  EXPECT_EQ(o.exitcode, 5);
  EXPECT_TRUE(o.halt_on_error);
  EXPECT_EQ(o.verbosity, 1);
  EXPECT_EQ(parse_options("", o), "");
}

TEST(options, the_last_word_counts) {
  options o;
  EXPECT_EQ(parse_options("exitcode=5 exitcode=7", o), "");
  EXPECT_EQ(o.exitcode, 7);
}

TEST(options, flags_have_several_spellings) {
  for (const char* on : {"1", "true", "yes"}) {
    options o;
    EXPECT_EQ(parse_options(std::string("halt_on_error=") + on, o), "");
    EXPECT_TRUE(o.halt_on_error);
  }
  for (const char* off : {"0", "false", "no"}) {
    options o;
    EXPECT_EQ(parse_options(std::string("print_summary=") + off, o), "");
    EXPECT_FALSE(o.print_summary);
  }
}

TEST(options, an_unknown_name_is_told_its_neighbour) {
  EXPECT_EQ(wrong("exit_code=3"), "unknown option 'exit_code'; did you mean 'exitcode'? (help=1 lists all)");
  EXPECT_EQ(wrong("halt_on_eror=1"), "unknown option 'halt_on_eror'; did you mean 'halt_on_error'? (help=1 lists all)");
  EXPECT_EQ(wrong("history_size=7"), "unknown option 'history_size' (help=1 lists all)");
  EXPECT_EQ(wrong("foo=7"), "unknown option 'foo' (help=1 lists all)");
  EXPECT_EQ(wrong("colour=auto"), "unknown option 'colour'; did you mean 'color'? (help=1 lists all)");
  EXPECT_EQ(wrong("=7").find("unknown option ''"), 0u);
}

TEST(options, a_bad_value_is_named) {
  for (const char* setting :
       {"exitcode=256", "exitcode=-1", "exitcode=3x", "exitcode=", "exitcode=99999999999", "halt_on_error=2", "halt_on_error="}) {
    const std::string name = std::string(setting).substr(0, std::string(setting).find('='));
    const std::string value = std::string(setting).substr(name.size() + 1);
    EXPECT_EQ(wrong(setting), "bad value '" + value + "' for " + name + ": a number from 0 to 255 is needed, 0 or 1 for a flag");
  }
  EXPECT_EQ(wrong("log_format=xml"), "log_format must be text or json, not 'xml'");
  EXPECT_EQ(wrong("color=blue"), "color must be auto, always or never, not 'blue'");
  EXPECT_EQ(wrong("log_path="), "log_path must be stderr, stdout or the beginning of a file name, not ''");
}

TEST(options, a_word_without_value_is_no_option) {
  EXPECT_EQ(wrong("halt_on_error"), "'halt_on_error' is not of the form name=value (help=1 lists all)");
}

}  // namespace
