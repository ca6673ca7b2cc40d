// What was written is read back whole; what is not a report is refused with file, line and remedy.

#include "detector/report/read_json.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "detector/report/print_json.hpp"
#include "tests/report/samples.hpp"

namespace {

using namespace ravel::detector::report;
using namespace ravel::test;

report_file read(const std::string& text) {
  std::istringstream in(text);
  return read_json(in, "r.jsonl");
}

std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const unreadable& why) {
    return why.what();
  }
  return "read";
}

TEST(read_json, gives_back_what_was_printed) {
  finding full = bank_race();
  full.data_race.current.locks = {{0x7f0000002000, true, "rw_mutex", {in_bank("main()", 11, 3)}}};
  full.data_race.previous.at.push_back(without_source("start", "/bin/bank", 0x4321));
  full.arguments = "--gtest_filter=Bank.transfer";
  full.data_race.last_known = {"unlocked a mutex", {in_bank("main()", 10, 3)}};
  full.data_race.where = {location_kind::global, 1, 2, 3, "total", 4, {}, "/src/bank.cpp", 2};
  for (const finding& f : {full, two_locks_deadlock(), explored_race(), explored_deadlock()}) {
    const report_file file = read(print_json(f) + "\n");
    ASSERT_EQ(file.findings.size(), 1u);
    finding back = file.findings[0];
    EXPECT_EQ(back.number, 1u) << "numbers are the file's";
    back.number = f.number;
    EXPECT_EQ(print_json(back), print_json(f));
    EXPECT_EQ(file.note, "");
  }
  const report_file file = read(print_json(small_exploration()) + "\n" + print_json_of_program("/bin/bank") + "\n");
  ASSERT_EQ(file.explorations.size(), 1u);
  EXPECT_EQ(print_json(file.explorations[0]), print_json(small_exploration()));
  EXPECT_EQ(file.programs, std::vector<std::string>{"/bin/bank"});
}

TEST(read_json, of_a_finding_met_in_both_modes_the_one_with_a_schedule_stays_in_its_place) {
  finding parallel = explored_race();
  parallel.happened = {};
  for (const std::string& lines : {print_json(parallel) + "\n" + print_json(two_locks_deadlock()) + "\n" + print_json(explored_race()) + "\n",
                                   print_json(explored_race()) + "\n" + print_json(two_locks_deadlock()) + "\n" + print_json(parallel) + "\n"}) {
    const report_file file = read(lines);
    ASSERT_EQ(file.findings.size(), 2u);
    EXPECT_EQ(file.findings[0].happened.steps.size(), explored_race().happened.steps.size());
    EXPECT_EQ(file.findings[0].number, 1u);
  }
}

TEST(read_json, a_program_that_ran_often_is_named_once) {
  const std::string line = print_json_of_program("/bin/bank") + "\n";
  EXPECT_EQ(read(line + line + print_json_of_program("/bin/till") + "\n" + line).programs, (std::vector<std::string>{"/bin/bank", "/bin/till"}));
}

TEST(read_json, the_same_finding_of_two_runs_comes_once) {
  finding again = bank_race();
  again.number = 9;
  again.data_race.current.address = 1;
  std::swap(again.data_race.current, again.data_race.previous);
  const report_file file = read(print_json(bank_race()) + "\n" + print_json(again) + "\n" + print_json(two_locks_deadlock()) + "\n");
  ASSERT_EQ(file.findings.size(), 2u);
  EXPECT_EQ(file.findings[1].number, 2u);
}

TEST(read_json, a_line_that_was_not_finished_is_noted_and_left_out) {
  const std::string whole = print_json(bank_race());
  for (const std::size_t cut : {std::size_t{1}, std::size_t{20}, whole.size() / 2, whole.size() - 1}) {
    const report_file last = read(print_json(two_locks_deadlock()) + "\n" + whole.substr(0, cut));
    EXPECT_EQ(last.findings.size(), 1u) << cut;
    EXPECT_EQ(last.note, "r.jsonl:2: the line was not finished by its program and is left out");
  }
  // The next process ends the line before it begins its own.
  const report_file middle = read(print_json_of_program("a") + "\n" + whole.substr(0, 200) + "\n" + print_json(two_locks_deadlock()) + "\n");
  EXPECT_EQ(middle.findings.size(), 1u);
  EXPECT_EQ(middle.note, "r.jsonl:2: the line was not finished by its program and is left out");
}

TEST(read_json, a_whole_last_line_needs_no_newline) {
  const report_file file = read(print_json(bank_race()));
  EXPECT_EQ(file.findings.size(), 1u);
  EXPECT_EQ(file.note, "");
}

TEST(read_json, refuses_what_is_no_report) {
  EXPECT_EQ(refusal(""), "r.jsonl: is empty; a program that writes a report begins it with a line");
  EXPECT_EQ(refusal("WARNING: DATA RACE\n"), "r.jsonl:1: this is no JSON; give the file that RAVEL_OPTIONS=report=FILE names, or the output of log_format=json alone");
  EXPECT_EQ(refusal(print_json(bank_race()) + "\nhello\n").substr(0, 28), "r.jsonl:2: this is no JSON; ");
  EXPECT_EQ(refusal("[1]\n"), "r.jsonl:1: it is no line of a report; give the file that RAVEL_OPTIONS=report=FILE names");
  EXPECT_EQ(refusal("{\"ravel_report\":2,\"kind\":\"data_race\"}\n"),
            "r.jsonl:1: it is of version 2 of the format, this command knows version 1; give the file that RAVEL_OPTIONS=report=FILE names");
  EXPECT_EQ(refusal("{\"ravel_report\":1,\"kind\":\"data_race\"}\n").substr(0, 40), "r.jsonl:1: field 'current' is missing; g");
  EXPECT_EQ(refusal("{\"ravel_report\":1,\"kind\":\"leak\",\"title\":3}\n").substr(0, 45), "r.jsonl:1: field 'title' is of the wrong type");
  EXPECT_EQ(refusal("{\"ravel_report\":1,\"kind\":\"leak\",\"goroutines\":3}\n").substr(0, 39), "r.jsonl:1: field 'goroutines' is no lis");
}

TEST(read_json, refuses_schedules_that_name_what_they_do_not_list) {
  finding f = explored_race();
  f.happened.steps[1].goroutine = 3;
  EXPECT_EQ(refusal(print_json(f) + "\n").substr(0, 58), "r.jsonl:1: a step is of a goroutine that is not listed; gi");
  f = explored_race();
  f.happened.steps[1].objects = {3};
  EXPECT_EQ(refusal(print_json(f) + "\n").substr(0, 55), "r.jsonl:1: a step touches an object that is not listed;");
  f = explored_race();
  f.happened.current_at = 99;
  EXPECT_EQ(refusal(print_json(f) + "\n").substr(0, 54), "r.jsonl:1: an access is said to be in a step that is n");
}

TEST(read_json, passes_over_what_a_newer_writer_adds) {
  EXPECT_EQ(read("{\"ravel_report\":1,\"kind\":\"weather\"}\n").findings.size(), 0u);
  std::string line = print_json(two_locks_deadlock());
  line.insert(1, "\"mood\":\"bad\",");
  EXPECT_EQ(read(line + "\n").findings.size(), 1u);
}

}  // namespace
