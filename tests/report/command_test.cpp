// `ravel report`: every format on standard output and into a file, against the schemas, and what it refuses.

#include <gtest/gtest.h>

#include "detector/report/print_json.hpp"
#include "tests/report/samples.hpp"
#include "tests/support/command.hpp"

namespace {

using namespace ravel::detector::report;
using ravel::test::outcome;
using ravel::test::scratch_folder;

constexpr const char* schemas = "python3 " RAVEL_SOURCE_DIR "/tests/report/validate.py ";

class report_command : public testing::Test {
 protected:
  report_command() {
    using namespace ravel::test;
    folder.write("r.jsonl", print_json_of_program("./bank") + "\n" + print_json(bank_race()) + "\n" + print_json(two_locks_deadlock()) + "\n" +
                              print_json(explored_race()) + "\n" + print_json(explored_deadlock()) + "\n" + print_json(small_exploration()) + "\n");
    folder.write("clean.jsonl", print_json_of_program("./bank") + "\n");
  }
  outcome run(const std::string& arguments, const std::string& before = "") { return folder.run(before + " " RAVEL_COMMAND " report " + arguments); }
  void expect_refused(const std::string& arguments, const std::string& reason) {
    const outcome o = run(arguments);
    EXPECT_EQ(o.status, 2) << arguments;
    EXPECT_EQ(o.err, "ravel report: " + reason + "\n");
    EXPECT_EQ(o.out, "");
  }
  scratch_folder folder;
};

TEST_F(report_command, sarif_fits_the_schema_of_oasis) {
  for (const char* file : {"r.jsonl", "clean.jsonl"}) {
    ASSERT_EQ(run(std::string(file) + " --format=sarif -o r.sarif --root " RAVEL_SOURCE_DIR).status, 0);
    const outcome o = folder.run(schemas + std::string(RAVEL_SOURCE_DIR "/tests/report/schemas/sarif-2.1.0.json r.sarif"));
    EXPECT_EQ(o.status, 0) << o.out << o.err;
  }
}

TEST_F(report_command, json_fits_its_own_schema_and_is_a_fixed_point) {
  ASSERT_EQ(run("r.jsonl --format=json -o again.jsonl").status, 0);
  const outcome o = folder.run(schemas + std::string(RAVEL_SOURCE_DIR "/detector/report/ravel_report.schema.json again.jsonl --lines"));
  EXPECT_EQ(o.status, 0) << o.out << o.err;
  EXPECT_EQ(run("again.jsonl --format json").out, folder.read("again.jsonl"));
  EXPECT_EQ(ravel::test::count_lines(folder.read("again.jsonl")), 6u);
}

TEST_F(report_command, the_schema_refuses_what_is_wrong) {
  folder.write("bad.jsonl", "{\"ravel_report\":1,\"kind\":\"data_race\",\"number\":1}\n");
  EXPECT_EQ(folder.run(schemas + std::string(RAVEL_SOURCE_DIR "/detector/report/ravel_report.schema.json bad.jsonl --lines")).status, 1);
  folder.write("bad.sarif", "{\"version\":\"2.1.0\",\"runs\":[{\"results\":[]}]}");
  EXPECT_EQ(folder.run(schemas + std::string(RAVEL_SOURCE_DIR "/tests/report/schemas/sarif-2.1.0.json bad.sarif")).status, 1);
}

TEST_F(report_command, junit_is_xml) {
  ASSERT_EQ(run("r.jsonl --format=junit -o r.xml").status, 0);
  const outcome o = folder.run("python3 -c 'import xml.etree.ElementTree as e; t = e.parse(\"r.xml\").getroot(); print(len(t.findall(\".//testcase/failure\")))'");
  EXPECT_EQ(o.out, "4\n") << o.err;
}

TEST_F(report_command, text_ends_with_the_count) {
  const outcome o = run("r.jsonl");
  EXPECT_EQ(o.status, 0);
  EXPECT_EQ(o.err, "");
  EXPECT_NE(o.out.find("WARNING: DATA RACE"), o.out.npos);
  EXPECT_NE(o.out.find("RAVEL_REPLAY='r1:r:aEu@dca>aEu1' ./bank"), o.out.npos);
  EXPECT_TRUE(o.out.ends_with("Found 4 finding(s)\n")) << o.out;
  EXPECT_EQ(run("clean.jsonl").out, "No findings of ./bank\n");
}

TEST_F(report_command, a_full_disk_is_said) {
  for (const char* to : {"r.jsonl --format=sarif > /dev/full", "r.jsonl --format=sarif -o /dev/full"}) {
    const outcome o = run(to);
    EXPECT_EQ(o.status, 2) << to;
    EXPECT_NE(o.err.find("No space left on device"), std::string::npos) << to << "\n" << o.err;
  }
}

TEST_F(report_command, colour_is_for_terminals_and_those_who_want_it) {
  EXPECT_EQ(run("r.jsonl").out.find('\033'), std::string::npos);
  EXPECT_NE(run("r.jsonl --color=always").out.find('\033'), std::string::npos);
  const auto on_a_terminal = [&](const std::string& before, const std::string& arguments) {
    return folder.run("script -qec '" + before + " " RAVEL_COMMAND " report r.jsonl " + arguments + "' typescript </dev/null").out.find('\033') != std::string::npos;
  };
  EXPECT_TRUE(on_a_terminal("env -u NO_COLOR", ""));
  EXPECT_FALSE(on_a_terminal("NO_COLOR=1", ""));
  EXPECT_TRUE(on_a_terminal("NO_COLOR= ", "")) << "empty is not set, https://no-color.org";
  EXPECT_FALSE(on_a_terminal("env -u NO_COLOR", "--color=never"));
}

TEST_F(report_command, paths_are_relative_to_the_repository_or_to_root) {
  EXPECT_EQ(run("r.jsonl --format=github --root " RAVEL_SOURCE_DIR "/tests").out.find("::error file=report/sources/bank.cpp,line=5,"), 0u);
  EXPECT_EQ(run("r.jsonl --format=github --root " RAVEL_SOURCE_DIR "/tests/").out.find("::error file=report/sources/bank.cpp,line=5,"), 0u);
  folder.run("mkdir -p there/.git there/sub && sed 's#" RAVEL_SOURCE_DIR "#'$PWD/there'#g' r.jsonl >there/sub/r.jsonl");
  const outcome o = folder.run("cd there/sub && " RAVEL_COMMAND " report r.jsonl --format=github");
  EXPECT_EQ(o.out.find("::error file=tests/report/sources/bank.cpp,line=5,"), 0u) << o.out;
}

TEST_F(report_command, reads_standard_input) {
  EXPECT_EQ(folder.run(RAVEL_COMMAND " report - --format=github <r.jsonl").out, run("r.jsonl --format=github").out);
}

TEST_F(report_command, an_unfinished_last_line_is_noted) {
  const std::string whole = folder.read("r.jsonl");
  folder.write("cut.jsonl", whole.substr(0, whole.size() - 30));
  const outcome o = run("cut.jsonl --format=github");
  EXPECT_EQ(o.status, 0);
  EXPECT_EQ(o.err, "ravel report: cut.jsonl:6: the line was not finished by its program and is left out\n");
  EXPECT_EQ(o.out, run("r.jsonl --format=github").out);
}

TEST_F(report_command, bad_input_overwrites_nothing) {
  folder.write("bad.jsonl", "WARNING: DATA RACE\n");
  folder.write("out.sarif", "precious");
  expect_refused("bad.jsonl --format=sarif -o out.sarif",
                 "bad.jsonl:1: this is no JSON; give the file that RAVEL_OPTIONS=report=FILE names, or the output of log_format=json alone");
  expect_refused("absent.jsonl --format=sarif -o out.sarif",
                 "absent.jsonl: cannot be read: No such file or directory; RAVEL_OPTIONS=report=absent.jsonl makes a -race program write it");
  EXPECT_EQ(folder.read("out.sarif"), "precious");
  expect_refused(". --format=sarif -o out.sarif", ".: cannot be read; give a file, not a folder");
  expect_refused("r.jsonl -o r.jsonl", "-o r.jsonl is the report file itself; name another");
  EXPECT_EQ(ravel::test::count_lines(folder.read("r.jsonl")), 6u);
  expect_refused("r.jsonl -o absent/out", "cannot write absent/out: No such file or directory; name a file in a folder that exists and may be written");
}

TEST_F(report_command, replaces_its_output_whole) {
  folder.write("out.txt", std::string(100000, 'x'));
  EXPECT_EQ(run("clean.jsonl -o out.txt").status, 0);
  EXPECT_EQ(folder.read("out.txt"), "No findings of ./bank\n");
  EXPECT_EQ(folder.run("ls | grep part").out, "");
}

TEST_F(report_command, refuses_what_it_does_not_know) {
  expect_refused("", "which file? Run the program with RAVEL_OPTIONS=report=FILE, then: ravel report FILE --format=html -o report.html");
  expect_refused("r.jsonl --fromat=text", "unknown option --fromat=text; there are --format, -o, --root and --color");
  expect_refused("r.jsonl clean.jsonl", "one file at a time: r.jsonl or clean.jsonl? Programs can append to the same file");
  expect_refused("r.jsonl --format", "--format needs a value");
  expect_refused("r.jsonl --color=red", "--color must be auto, always or never, not 'red'");
  EXPECT_EQ(run("r.jsonl --format=pdf").err.find("ravel report: there is no format 'pdf'; allowed are text, json, sarif, junit, github"), 0u);
  EXPECT_EQ(run("r.jsonl --format=pdf").status, 2);
}

}  // namespace
