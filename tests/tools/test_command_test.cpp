// ravel test: each exit status, what it finds, and what a baseline hides.

#include "tests/tools/tools_fixture.hpp"

namespace ravel::test {

namespace {

const std::string program = FINDINGS;

}  // namespace

TEST_F(tools, test_passes_with_status_0) {
  expect_status(0, "test --schedules 20 " + program + " --gtest_filter='*passes*'", "ravel test: 3 tests, 4 runs: passed; seed 1");
}

TEST_F(tools, test_fails_with_status_1_for_the_tests_own_failure) {
  expect_status(1, "test " + program + " --gtest_filter=direct.assertion", "assertion: findings.cpp: Expected equality");
  expect_status(1, "test sh -c 'exit 3'", "failure: exit status 3");
  expect_status(1, "test sh -c 'kill -ABRT $$'", "failure: exit status 134");
  expect_status(1, "test --timeout 1 sleep 1000", "timeout: the test did not end in time");
}

TEST_F(tools, test_fails_with_status_66_for_a_finding) {
  expect_status(66, "test " + program + " --gtest_filter=direct.race", "--- FAIL: direct.race (parallel)");
  expect_status(66, "test " + program + " --gtest_filter=direct.deadlock", "  deadlock: ");
  expect_status(66, "test " + program + " --gtest_filter=direct.panic", "  panic: boom");
  expect_status(66, "test " + program + " --gtest_filter=explored.race", "--- FAIL: explored.race (schedules)");
  // A finding counts more than the test's own failure: a retry must not hide it.
  expect_status(66, "test " + program + " --gtest_filter=direct.race:direct.assertion");
}

TEST_F(tools, test_fails_with_status_2_for_bad_use) {
  expect_refused("test", "which program?");
  expect_refused("test --frobnicate ./x", "unknown option --frobnicate; there are --schedules");
  expect_refused("test --schedules 0 ./x", "--schedules must be a number from 1 to");
  expect_refused("test --schedules", "--schedules needs a value");
  expect_refused("test --fail-fast=1 ./x", "--fail-fast takes no value");
  expect_refused("test ./nowhere", "cannot run ./nowhere: No such file");
  expect_refused("test " + program + " --gtest_filter=nothing", "no test in it matches");
  expect_refused("test --baseline nowhere " + program, "nowhere: cannot be read");
  folder_.write("bad", "# words\nxyz race\n");
  expect_refused("test --baseline bad " + program, "bad:2: 'xyz' is no fingerprint");
  expect_refused("test --output nowhere/r.jsonl " + program + " --gtest_filter=direct.passes", "nowhere/r.jsonl: cannot be written");
  expect_refused("completion tcsh", "for which shell?");
  expect_refused("manual", "which page?");
}

TEST_F(tools, a_race_has_one_fingerprint_in_both_modes_and_another_elsewhere) {
  const outcome explored = ravel("test " + program + " --gtest_filter=explored.race"), direct = ravel("test " + program + " --gtest_filter=direct.race");
  EXPECT_NE(explored.out.find("(parallel)"), std::string::npos) << explored.out;
  EXPECT_NE(explored.out.find("2 new findings"), std::string::npos) << explored.out;
  const std::size_t first = explored.out.find("    ") + 4, second = explored.out.find("(parallel)\n    ") + 15;
  EXPECT_EQ(explored.out.substr(first, 16), explored.out.substr(second, 16));
  EXPECT_NE(explored.out.substr(first, 16), direct.out.substr(direct.out.find("    ") + 4, 16));
}

TEST_F(tools, a_baseline_hides_what_is_in_it_and_nothing_else) {
  expect_status(66, "test --write-baseline known " + program + " --gtest_filter=explored.race:direct.race:direct.assertion");
  expect_status(0, "test --baseline known " + program + " --gtest_filter=explored.race:direct.race:direct.assertion", "passed, 4 findings of the baseline");
  const outcome o = ravel("test --baseline known " + program + " --gtest_filter=direct.race:direct.deadlock");
  EXPECT_EQ(o.status, 66) << o.out;
  EXPECT_NE(o.out.find("--- FAIL: direct.deadlock"), std::string::npos) << o.out;
  EXPECT_EQ(o.out.find("--- FAIL: direct.race"), std::string::npos) << o.out;
}

TEST_F(tools, a_fingerprint_survives_moved_lines_and_another_folder) {
  const std::string race = "#include <ravel/ravel.hpp>\nint main() {\n  int n = 0;\n  ravel::wait_group both;\n  for (int i = 0; i < 2; ++i) both.go([&] { ++n; });\n  both.wait();\n}\n";
  folder_.write("a.cpp", race);
  folder_.write("elsewhere/a.cpp", "// moved\n\n" + race);
  ASSERT_EQ(run(RAVELXX " -race a.cpp -o one && " RAVELXX " -race elsewhere/a.cpp -o two").status, 0);
  expect_status(66, "test --write-baseline known ./one");
  expect_status(0, "test --baseline known ./two", "1 finding of the baseline");
}

TEST_F(tools, the_users_own_options_do_not_hide_a_finding) {
  for (const char* own : {"exitcode=0 log_format=json", "print_summary=0 exitcode=0", "color=always", "log_path=elsewhere"}) {
    const outcome o = run(std::string("RAVEL_OPTIONS='") + own + "' " RAVEL " test " + program + " --gtest_filter=direct.race");
    EXPECT_EQ(o.status, 66) << own << "\n" << o.out << o.err;
  }
  for (const char* of_others : {"RAVEL_EXPLORE=1", "RAVEL_REPLAY=r1:o:"}) {
    const outcome o = run(std::string(of_others) + " " RAVEL " test " + program + " --gtest_filter=direct.race");
    EXPECT_EQ(o.status, 66) << of_others << "\n" << o.out << o.err;
  }
}

TEST_F(tools, words_of_a_test_that_passed_are_no_finding) {
  expect_status(0, "test sh -c 'echo panic: calm; echo a.cpp:1: Failure'", "passed");
  expect_status(66, "test sh -c 'echo panic: real; exit 2'", "panic: real");
}

TEST_F(tools, fingerprints_need_no_sources) {
  folder_.write("a.cpp", "#include <ravel/ravel.hpp>\nint main() {\n  int n = 0;\n  ravel::wait_group both;\n  for (int i = 0; i < 2; ++i) both.go([&] { ++n; });\n  both.wait();\n}\n");
  ASSERT_EQ(run(RAVELXX " -race a.cpp -o one").status, 0);
  expect_status(66, "test --write-baseline known ./one");
  ASSERT_EQ(run("rm a.cpp").status, 0);
  expect_status(0, "test --baseline known ./one", "1 finding of the baseline");
}

TEST_F(tools, children_end_with_the_command) {
  const outcome o = run(RAVEL " test sh -c 'echo $$ > child; exec sleep 100' & while ! test -s child; do sleep 0.01; done; kill $!; wait; "
                        "while kill -0 $(cat child) 2>/dev/null; do sleep 0.01; done; echo gone");
  EXPECT_NE(o.out.find("gone"), std::string::npos) << o.out << o.err;
}

TEST_F(tools, plain_builds_are_run_too) {
  folder_.write("plain", "#!/bin/sh\nexit 4\n");
  ASSERT_EQ(run("chmod +x plain").status, 0);
  expect_status(1, "test --plain ./plain true", "--- FAIL: true (plain)");
  expect_status(0, "test --plain true true", "1 test, 2 runs: passed");
}

TEST_F(tools, the_first_failure_is_the_same_for_any_number_of_processes) {
  const std::string words = " --schedules 30 " + program + " --gtest_filter=-direct.panic";
  const outcome one = ravel("test --jobs 1" + words);
  EXPECT_EQ(one.status, 66);
  EXPECT_NE(findings_of(one.out).find("--- FAIL: explored.lost_update (schedules)\n"), std::string::npos) << one.out;
  EXPECT_EQ(findings_of(ravel("test --jobs 7" + words).out), findings_of(one.out));
  const outcome fast = ravel("test --fail-fast --jobs 1" + words);
  EXPECT_EQ(findings_of(fast.out).find("--- FAIL: explored.lost_update"), 0u) << fast.out;
  EXPECT_NE(fast.out.find("1 test, 1 run: 1 run failed"), std::string::npos) << fast.out;
  EXPECT_EQ(findings_of(ravel("test --fail-fast --jobs 5" + words).out), findings_of(fast.out));
}

TEST_F(tools, a_race_fails_its_test_in_google_tests_own_xml) {
  const outcome o = run(program + " --gtest_filter=direct.passes:direct.race --gtest_output=xml:r.xml");
  EXPECT_NE(o.status, 0);
  const std::string xml = folder_.read("r.xml");
  EXPECT_NE(xml.find("tests=\"2\" failures=\"1\""), std::string::npos) << xml;
  const std::size_t racy = xml.find("name=\"race\""), failure = xml.find("<failure message=");
  ASSERT_NE(failure, std::string::npos) << xml;
  EXPECT_LT(racy, failure);
  EXPECT_NE(xml.find("WARNING: DATA RACE"), std::string::npos) << xml;
}

TEST_F(tools, junit_names_the_test_and_the_mode) {
  expect_status(66, "test --junit r.xml " + program + " --gtest_filter=direct.passes:direct.race");
  const std::string xml = folder_.read("r.xml");
  EXPECT_NE(xml.find("<testcase classname=\"direct\" name=\"race (parallel)\">\n      <failure type=\"data race\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("<testcase classname=\"direct\" name=\"passes (parallel)\">\n    </testcase>"), std::string::npos) << xml;
  EXPECT_NE(xml.find("tests=\"2\" failures=\"1\""), std::string::npos) << xml;
}

TEST_F(tools, junit_is_xml_whatever_a_test_prints) {
  expect_status(1, "test --junit r.xml sh -c 'printf \"\\\\377 & <\"; exit 3'");
  const outcome o = run("python3 -c 'import xml.etree.ElementTree as e; print(len(e.parse(\"r.xml\").findall(\".//failure\")))'");
  EXPECT_EQ(o.out, "1\n") << o.err;
}

TEST_F(tools, a_report_collects_what_all_tests_found) {
  folder_.write("all.jsonl", "of another run");
  const std::string words = " --report all.jsonl --schedules 20 " + program + " --gtest_filter=explored.race:direct.race:direct.passes";
  expect_status(66, "test" + words);
  const outcome text = ravel("report all.jsonl");
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("Found 2 finding(s)"), std::string::npos) << text.out;  // explored.race ran in both modes
  EXPECT_NE(text.out.find("RAVEL_REPLAY="), std::string::npos) << text.out;
  EXPECT_EQ(ravel("report all.jsonl --format=html -o all.html").status, 0);
  // The user's own options still hold, but for where the report goes.
  EXPECT_EQ(run("RAVEL_OPTIONS=report=mine.jsonl " RAVEL " test" + words).status, 66);
  EXPECT_EQ(folder_.read("mine.jsonl").find("data_race"), std::string::npos);
}

TEST_F(tools, a_report_is_in_the_order_of_the_tests_whichever_ended_first) {
  folder_.write("second_first", "#!/bin/sh\n"
                                "case $RAVEL_OPTIONS in\n"
                                "  *.0.part*) while [ ! -e ended ]; do sleep 0.1; done; test=direct.race ;;\n"
                                "  *) test=direct.deadlock ;;\n"
                                "esac\n" +
                                    program + " --gtest_filter=$test\nstatus=$?\ntouch ended\nexit $status\n");
  run("chmod +x second_first");
  expect_status(66, "test --report r.jsonl --parallel 2 --jobs 2 ./second_first");
  const std::string found = ravel("report r.jsonl --format=github").out;
  const std::size_t race = found.find("direct_race_Test"), deadlock = found.find("direct_deadlock_Test");
  EXPECT_LT(race, deadlock) << found;
  EXPECT_NE(deadlock, std::string::npos) << found;
  EXPECT_EQ(run("ls | grep -c part").out, "0\n");
}

TEST_F(tools, a_report_ends_where_the_first_failure_does) {
  expect_status(66, "test --fail-fast --jobs 6 --report r.jsonl " + program + " --gtest_filter=direct.race:direct.panic:direct.deadlock");
  EXPECT_NE(ravel("report r.jsonl").out.find("Found 1 finding(s)"), std::string::npos);
  EXPECT_EQ(run("ls | grep -c part").out, "0\n");
}

TEST_F(tools, a_report_has_nothing_of_a_run_that_was_killed) {
  folder_.write("r.jsonl.0.part", "{\"ravel_report\": 1, \"kind\": \"program\", \"program\": \"of the run that was killed\"}\n");
  expect_status(0, "test --report r.jsonl true");
  EXPECT_EQ(ravel("report r.jsonl").out, "No findings of true\n");
}

TEST_F(tools, a_report_may_have_blanks_colons_and_quotes_in_its_name) {
  for (const std::string name : {"my report: all.jsonl", "it's.jsonl"}) {
    expect_status(66, "test --report \"" + name + "\" " + program + " --gtest_filter=direct.race");
    const outcome o = ravel("report \"" + name + "\"");
    EXPECT_NE(o.out.find("WARNING: DATA RACE"), std::string::npos) << name << o.out << o.err;
    EXPECT_NE(o.out.find("--args " + program + " --gtest_filter=direct.race\n"), std::string::npos) << o.out;
  }
}

TEST_F(tools, a_report_of_tests_that_pass_says_so) {
  expect_status(0, "test --report clean.jsonl " + program + " --gtest_filter=direct.passes");
  EXPECT_EQ(ravel("report clean.jsonl").out, "No findings of " + program + "\n");
  expect_status(0, "test --report none.jsonl true");  // no program of ours
  EXPECT_EQ(ravel("report none.jsonl").out, "No findings of true\n");
  expect_refused("test --report 'a\"'\\''b' true", "has quotes of both kinds in it");
  expect_refused("test --report nowhere/r.jsonl true", "nowhere/r.jsonl: cannot be written");
}

TEST_F(tools, help_explains_commands_and_exit_statuses) {
  expect_status(0, "help", "ravel merge [OPTIONS] FILES");
  expect_status(0, "help exit-status", " 66  ");
  expect_status(0, "help test", "--baseline FILE");
  expect_status(2, "help nothing", "there is no command 'nothing'");
  expect_status(2, "nothing", "there is no command 'nothing'");
}

}  // namespace ravel::test
