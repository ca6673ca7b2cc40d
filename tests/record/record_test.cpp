// What a program did in parallel is repeated under control: what was found is found again, and what was not is not. No test hangs on which of the
// two a run came to, but for one whose race is a matter of the runtime's own dice.

#include <gtest/gtest.h>

#include <string>

#include "tests/support/command.hpp"

namespace ravel::test {

namespace {

const std::string clean = "unset RAVEL_OPTIONS RAVEL_REPLAY RAVEL_EXPLORE RAVEL_STEP RAVEL_SEED RAVEL_SCHEDULES; ";

class recorded : public testing::Test {
 protected:
  outcome record(const std::string& what) const { return folder_.run(clean + "RAVEL_OPTIONS=record=recording " UNLUCKY " " + what); }
  outcome replay(const std::string& what) const { return folder_.run(clean + RAVEL " replay recording " UNLUCKY " " + what); }

  void expect_refused(const std::string& arguments, const std::string& says) const {
    const outcome o = folder_.run(clean + RAVEL " replay " + arguments);
    EXPECT_EQ(o.status, 2) << arguments << o.out << o.err;
    EXPECT_NE(o.err.find(says), std::string::npos) << arguments << "\n" << o.err;
    EXPECT_EQ(o.err.find('\n'), o.err.size() - 1) << "one line: " << o.err;
  }

  scratch_folder folder_;
};

class each : public recorded, public testing::WithParamInterface<const char*> {};

}  // namespace

TEST_P(each, run_is_repeated_with_what_was_found_in_it) {
  for (int i = 0; i < 6; ++i) {
    const outcome then = record(GetParam());
    ASSERT_TRUE(then.status == 0 || then.status == 66) << then.err;
    const outcome now = replay(GetParam());
    EXPECT_EQ(now.status, then.status) << then.err << now.err;
    EXPECT_NE(now.err.find(then.status == 66 ? "reproduced after " : "nothing was found when it was recorded, and nothing now"), std::string::npos) << now.err;
    EXPECT_EQ(now.err.find("diverged"), std::string::npos) << now.err;
  }
}

INSTANTIATE_TEST_SUITE_P(recorded, each, testing::Values("chances", "locks", "atomics", "channels", "timers", "conditions", "races"),
                         [](const auto& p) { return std::string(p.param); });

TEST_F(recorded, a_race_of_one_run_in_eight_is_repeated_every_time) {
  outcome then{0, "", ""};
  for (int i = 0; i < 300 && then.status != 66; ++i) then = record("chances");
  ASSERT_EQ(then.status, 66);
  for (int i = 0; i < 15; ++i) {
    const outcome now = replay("chances");
    ASSERT_EQ(now.status, 66) << now.err;
    ASSERT_NE(now.err.find("reproduced after "), std::string::npos) << now.err;
  }
  // The line that comes with it needs no recording.
  const std::string said = replay("chances").err;
  const std::size_t at = said.find("schedule: ");
  ASSERT_NE(at, std::string::npos) << said;
  const std::string line = said.substr(at + 10, said.find('\n', at) - at - 10);
  EXPECT_EQ(folder_.run(clean + RAVEL " replay '" + line + "' " UNLUCKY " chances").status, 66) << line;
}

TEST_F(recorded, loads_that_were_only_counted_read_what_they_read_then) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(record("looks").status, 0);
    const outcome now = replay("looks");
    EXPECT_EQ(now.status, 0) << now.err;
    EXPECT_EQ(now.err.find("diverged"), std::string::npos) << now.err;
  }
}

TEST_F(recorded, nothing_is_lost_when_the_process_is_killed_or_aborts) {
  EXPECT_EQ(record("killed").status, 128 + 9);
  EXPECT_EQ(replay("killed").status, 66);
  EXPECT_EQ(record("aborted").status, 128 + 6);
  EXPECT_EQ(replay("aborted").status, 66);
}

TEST_F(recorded, what_hangs_on_something_else_is_said_to_diverge) {
  ASSERT_EQ(record("depends").status, 66);
  outcome o = folder_.run(clean + "ANOTHER_WAY=1 NO_RACE=1 " RAVEL " replay recording " UNLUCKY " depends");
  EXPECT_EQ(o.status, 75) << o.err;
  EXPECT_NE(o.err.find("diverged at operation 1 of goroutine 1 at "), std::string::npos) << o.err;
  EXPECT_NE(o.err.find("unlucky.cpp:"), std::string::npos) << o.err;
  EXPECT_NE(o.err.find("recorded was chan_send, it does chan_close"), std::string::npos) << o.err;
  o = folder_.run(clean + "ANOTHER_WAY=1 " RAVEL " replay recording " UNLUCKY " depends");
  EXPECT_EQ(o.status, 66) << o.err;
  EXPECT_NE(o.err.find(", although it diverged at operation 1"), std::string::npos) << o.err;
}

TEST_F(recorded, what_does_not_show_again_is_said_not_to_be_reproduced) {
  ASSERT_EQ(record("depends").status, 66);
  outcome o = folder_.run(clean + "NO_RACE=1 " RAVEL " replay recording " UNLUCKY " depends");
  EXPECT_EQ(o.status, 75) << o.err;
  EXPECT_NE(o.err.find("not reproduced: 8 of 8 operations were repeated"), std::string::npos) << o.err;
  // And the other way: found now, though not then.
  ASSERT_EQ(folder_.run(clean + "NO_RACE=1 RAVEL_OPTIONS=record=recording " UNLUCKY " depends").status, 0);
  o = replay("depends");
  EXPECT_EQ(o.status, 66) << o.err;
  EXPECT_NE(o.err.find("nothing was found when it was recorded; this was found now"), std::string::npos) << o.err;
}

TEST_F(recorded, a_debugger_would_run_it_in_this_very_process) {
  ASSERT_EQ(record("races").status, 66);
  const outcome o = folder_.run(clean + "RAVEL_STEP=1 RAVEL_REPLAY=recording " UNLUCKY " races");
  EXPECT_EQ(o.status, 66) << o.err;
  EXPECT_NE(o.err.find("reproduced after "), std::string::npos) << o.err;
}

TEST_F(recorded, a_bad_file_is_refused_with_what_to_do) {
  ASSERT_EQ(record("races").status, 66);
  folder_.write("empty", "");
  expect_refused("empty " UNLUCKY " races", "empty: is empty; record it again with RAVEL_OPTIONS=record=FILE");
  folder_.write("words", "r2:these are words\n");
  expect_refused("words " UNLUCKY " races", "words: is no recording; give the FILE of RAVEL_OPTIONS=record=FILE");
  expect_refused("nowhere " UNLUCKY " races", "'nowhere' is no schedule line: it does not begin with 'r1:'");
  const std::string text = folder_.read("recording");
  folder_.write("short", text.substr(0, 3000));
  expect_refused("short " UNLUCKY " races", "short: is truncated; copy it whole, or record it again");
  folder_.write("cut", text.substr(0, 5000));
  expect_refused("cut " UNLUCKY " races", "cut: is truncated");
  std::string other = text;
  other[16] = 7;
  folder_.write("newer", other);
  expect_refused("newer " UNLUCKY " races", "newer: has version 7 of recordings, this program was built by a Ravel for version 2");
  other = text;
  other[24] = static_cast<char>(other[24] ^ 1);
  folder_.write("another", other);
  expect_refused("another " UNLUCKY " races", "another: was recorded of another program or build, " UNLUCKY);
  EXPECT_EQ(folder_.run(clean + RAVEL " replay --other-build another " UNLUCKY " races").status, 66);
  other = text;
  for (std::size_t i = 4096; i < 4096 + 64; ++i) other[i] = '\xff';
  folder_.write("damaged", other);
  expect_refused("damaged " UNLUCKY " races", "damaged: is damaged; record it again");
}

TEST_F(recorded, a_file_that_cannot_be_written_is_refused_at_once) {
  const outcome o = folder_.run(clean + "RAVEL_OPTIONS=record=nowhere/recording " UNLUCKY " races");
  EXPECT_EQ(o.status, 2) << o.err;
  EXPECT_NE(o.err.find("record: cannot write nowhere/recording: "), std::string::npos) << o.err;
}

TEST_F(recorded, threads_are_said_not_to_be_recorded) {
  const outcome o = record("threads");
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_NE(o.err.find("record: the program makes threads of its own"), std::string::npos) << o.err;
  expect_refused("recording " UNLUCKY " threads", "threads of its own");
}

TEST_F(recorded, a_program_without_checks_is_refused) {
  ASSERT_EQ(record("races").status, 66);
  expect_refused("recording " PLAIN " races", PLAIN " was not built with -race");
  expect_refused("r1:r: " PLAIN " races", PLAIN " was not built with -race");
  const outcome o = folder_.run(clean + RAVEL " explore " PLAIN " races");
  EXPECT_EQ(o.status, 2) << o.out << o.err;
  EXPECT_EQ(o.err, "ravel explore: " PLAIN " was not built with -race, so its schedules cannot be controlled; build it with ravel++ -race\n");
}

TEST_F(recorded, a_bad_line_is_refused_before_anything_runs) {
  expect_refused("r1:zz " UNLUCKY " races", "'r1:zz' is no schedule line: no failure is of kind 'z'");
  expect_refused("r1:r " UNLUCKY " races", "':' is missing at character 5");
  expect_refused("r1:r:m@ " UNLUCKY " races", "three letters are missing");
  expect_refused("--other-build r1:r: " UNLUCKY " races", "--other-build is for recordings");
  expect_refused("r1:r:", "a line or a recording and a program are needed");
  expect_refused("r1:r: ./nowhere", "cannot run ./nowhere");
}

// The table of `ravel help exit-status`; 75 has tests of its own, above and in tests/explore.
TEST_F(recorded, exit_statuses_are_those_of_the_table) {
  const auto status = [&](const std::string& command) { return folder_.run(clean + RAVEL " " + command).status; };
  ASSERT_EQ(folder_.run(clean + "NO_RACE=1 RAVEL_OPTIONS=record=recording " UNLUCKY " depends").status, 0);
  EXPECT_EQ(folder_.run(clean + "NO_RACE=1 " RAVEL " replay recording " UNLUCKY " depends").status, 0);
  EXPECT_EQ(folder_.run(clean + "NO_RACE=1 " RAVEL " explore --schedules 3 " UNLUCKY " -- depends").status, 0);
  EXPECT_EQ(status("explore --schedules 3 " UNLUCKY " -- races"), 66);
  EXPECT_EQ(status("replay r1:r: " UNLUCKY " races"), 66);
  EXPECT_EQ(status("explore --strategy best " UNLUCKY), 2);
  EXPECT_EQ(status("explore"), 2);
  EXPECT_EQ(status("explore ./nowhere"), 2);
  EXPECT_EQ(status("replay"), 2);
  EXPECT_EQ(status("report nowhere"), 2);
  EXPECT_EQ(status("merge nowhere"), 2);
  EXPECT_EQ(status("manual nothing"), 2);
  EXPECT_EQ(status("completion csh"), 2);
  EXPECT_EQ(status("nothing"), 2);
  EXPECT_EQ(status(""), 2);
  EXPECT_EQ(status("help nothing"), 2);
  for (const char* fine : {"help", "help exit-status", "help replay", "manual ravel", "completion bash"}) EXPECT_EQ(status(fine), 0) << fine;
}

TEST_F(recorded, a_process_started_by_a_recorded_one_does_not_write_over_it) {
  const outcome o = folder_.run(clean + "exec 9<>held; flock 9; RAVEL_OPTIONS=record=held " UNLUCKY " races; ls");
  EXPECT_NE(o.out.find("held."), std::string::npos) << o.out << o.err;
  EXPECT_EQ(folder_.read("held"), "");
}

}  // namespace ravel::test
