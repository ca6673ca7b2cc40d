// Whole programs: how often they report, where to, in which form, and how they end, for each option.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "tests/support/command.hpp"

namespace {

using ravel::test::outcome;
using ravel::test::scratch_folder;

// Two races: one, again and again, on `counter`, then one on `flag`.
constexpr const char* program = R"(#include <cstdio>
#include <ravel/ravel.hpp>
int counter;
int flag;
void twice_at_once(void (*f)()) {
  ravel::wait_group finished;
  finished.add(1);
  ravel::go([&] { f(); finished.done(); });
  f();
  finished.wait();
}
void count() { ++counter; }
void raise() { flag = 1; }
int main() {
  std::printf("begin\n");
  for (int i = 0; i < 20; ++i) twice_at_once(count);
  twice_at_once(raise);
  std::printf("end\n");
}
)";

class reports : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new scratch_folder;
    folder->write("racy.cpp", program);
    const outcome o = folder->run(RAVELXX " -race racy.cpp -o racy");
    ASSERT_EQ(o.status, 0) << o.err;
  }
  static void TearDownTestSuite() { delete folder; }

  static outcome run(const std::string& options, const std::string& before = "") { return folder->run(before + " RAVEL_OPTIONS='" + options + "' ./racy"); }

  static std::size_t count(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++n;
    return n;
  }

  static void expect_refused(const std::string& options, const std::string& reason) {
    const outcome o = run(options);
    EXPECT_EQ(o.status, 2) << options;
    EXPECT_EQ(o.err, reason) << options;
    EXPECT_EQ(o.out, "") << options;
  }

  static scratch_folder* folder;
};
scratch_folder* reports::folder = nullptr;

TEST_F(reports, the_same_pair_of_places_comes_once) {
  const outcome o = run("");
  EXPECT_EQ(o.status, 66);
  EXPECT_EQ(o.out, "begin\nend\n");
  EXPECT_EQ(count(o.err, "WARNING: DATA RACE"), 2u) << o.err;
  EXPECT_EQ(count(o.err, "SUMMARY: "), 2u);
  EXPECT_TRUE(o.err.ends_with("\nFound 2 data race(s)\n")) << o.err;
}

TEST_F(reports, halt_on_error_ends_with_the_first) {
  const outcome o = run("halt_on_error=1");
  EXPECT_EQ(o.status, 66);
  EXPECT_EQ(o.out, "begin\n");
  EXPECT_EQ(count(o.err, "WARNING: DATA RACE"), 1u) << o.err;
  EXPECT_TRUE(o.err.ends_with("\nFound 1 data race(s)\n")) << o.err;
}

TEST_F(reports, exitcode_is_the_status) {
  EXPECT_EQ(run("exitcode=3").status, 3);
  EXPECT_EQ(run("exitcode=3 halt_on_error=1").status, 3);
  EXPECT_EQ(run("exitcode=0").status, 0);
}

TEST_F(reports, go_where_log_path_says) {
  const outcome to_stdout = run("log_path=stdout");
  EXPECT_EQ(to_stdout.err, "");
  EXPECT_EQ(count(to_stdout.out, "WARNING: DATA RACE"), 2u) << to_stdout.out;
}

TEST_F(reports, log_path_is_a_file_of_the_process) {
  const outcome o = folder->run("RAVEL_OPTIONS=log_path=report sh -c 'echo $$ >pid; exec ./racy'");
  EXPECT_EQ(o.status, 66);
  EXPECT_EQ(o.err, "");
  std::string pid = folder->read("pid");
  pid.pop_back();
  const std::string text = folder->read("report." + pid);
  EXPECT_EQ(count(text, "WARNING: DATA RACE"), 2u) << text;
  EXPECT_TRUE(text.ends_with("\nFound 2 data race(s)\n")) << text;
}

TEST_F(reports, are_not_lost_when_the_file_cannot_be_written) {
  const outcome o = run("log_path=absent/report");
  EXPECT_EQ(o.status, 66);
  EXPECT_EQ(o.err.find("ravel: RAVEL_OPTIONS: log_path: cannot write absent/report."), 0u) << o.err;
  EXPECT_EQ(count(o.err, "WARNING: DATA RACE"), 2u);
}

TEST_F(reports, json_is_an_object_a_line) {
  const outcome o = run("log_format=json");
  EXPECT_EQ(o.status, 66);
  std::istringstream lines(o.err);
  std::uint64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json race = nlohmann::json::parse(line);
    EXPECT_EQ(race["ravel_report"], 1);
    EXPECT_EQ(race["number"], ++number);
    EXPECT_EQ(race["kind"], "data_race");
    EXPECT_EQ(race["location"]["kind"], "global");
    EXPECT_EQ(race["location"]["name"], number == 1 ? "counter" : "flag");
    EXPECT_EQ(race["current"]["stack"][0]["function"], number == 1 ? "count()" : "raise()");
  }
  EXPECT_EQ(number, 2u) << o.err;
}

TEST_F(reports, have_colour_when_told_to) {
  EXPECT_EQ(count(run("color=auto").err, "\033["), 0u) << "a file is no terminal";
  EXPECT_EQ(count(run("color=never").err, "\033["), 0u);
  EXPECT_GT(count(run("color=always").err, "\033["), 0u);
}

TEST_F(reports, leave_out_what_they_are_told_to) {
  EXPECT_EQ(count(run("print_summary=0").err, "SUMMARY: "), 0u);
  const std::string prefix = std::filesystem::canonical(folder->path()).string() + "/";
  EXPECT_GT(count(run("").err, prefix + "racy.cpp:"), 0u);
  const std::string err = run("strip_path_prefix=" + prefix).err;
  EXPECT_EQ(count(err, prefix + "racy.cpp:"), 0u) << err;
  EXPECT_GT(count(err, " racy.cpp:12"), 0u) << err;
}

TEST_F(reports, are_suppressed_and_counted) {
  folder->write("all.supp", "# both\nrace:^count()$\nrace:^flag$\nrace:nobody\n");
  const outcome all = run("suppressions=all.supp");
  EXPECT_EQ(all.status, 0);
  EXPECT_EQ(all.err, "ravel: 1 report(s) suppressed by race:^count()$ (all.supp:2)\nravel: 1 report(s) suppressed by race:^flag$ (all.supp:3)\n");
  EXPECT_EQ(run("suppressions=all.supp print_suppressions=0").err, "");
  const outcome talkative = run("suppressions=all.supp verbosity=1");
  EXPECT_EQ(count(talkative.err, "ravel: suppression race:nobody (all.supp:4) matched nothing\n"), 1u) << talkative.err;

  folder->write("one.supp", "race:racy.cpp:absent\nrace:count\n");
  const outcome one = run("suppressions=one.supp");
  EXPECT_EQ(one.status, 66);
  EXPECT_EQ(count(one.err, "WARNING: DATA RACE"), 1u) << one.err;
}

TEST_F(reports, wrong_options_end_the_program_before_it_begins) {
  expect_refused("exitcod=3", "ravel: RAVEL_OPTIONS: unknown option 'exitcod'; did you mean 'exitcode'? (help=1 lists all)\n");
  expect_refused("exitcode=many", "ravel: RAVEL_OPTIONS: bad value 'many' for exitcode: a number from 0 to 255 is needed, 0 or 1 for a flag\n");
  expect_refused("log_path=here:help=1x", "ravel: RAVEL_OPTIONS: unknown option 'help' (help=1 lists all)\n");
}

TEST_F(reports, wrong_suppressions_end_the_program_with_one_line) {
  folder->write("bad.supp", "race:a\n\nrase:b\n");
  for (const auto& [file, reason] : {std::pair{"bad.supp", "ravel: suppressions: bad.supp:3: 'rase:b' is not of the form race:PATTERN (or deadlock:, leak:, lock_order:, misuse:)\n"},
                                     {"absent.supp", "ravel: suppressions: absent.supp: cannot be read; give the path of a file with one 'race:PATTERN' per line\n"}}) {
    const outcome o = run(std::string("suppressions=") + file);
    EXPECT_EQ(o.status, 2) << file;
    EXPECT_EQ(o.err, reason);
  }
}

TEST_F(reports, help_lists_the_options_and_runs_nothing) {
  for (const char* settings : {"help=1", "exitcode=3 help=1", "help=1:exitcode=3"}) {
    const outcome o = run(settings);
    EXPECT_EQ(o.status, 0) << settings;
    EXPECT_EQ(o.err, "") << settings;
    EXPECT_EQ(o.out.find("RAVEL_OPTIONS=\"name=value ...\""), 0u) << o.out;
    EXPECT_EQ(count(o.out, "begin\n"), 0u) << settings;
  }
  EXPECT_EQ(count(run("exitcode=3 help=1").out, "  exitcode=3\n"), 1u) << "the values of this run";
  // The value of another option.
  const outcome o = run("suppressions=all.supp_help=1");
  EXPECT_EQ(o.status, 2);
  EXPECT_EQ(o.out, "");
}

// What was found is in the file before the program goes on, and so also when it is killed.
TEST_F(reports, are_appended_to_a_file_as_they_are_found) {
  const auto lines = [](const std::string& file) {
    std::vector<std::string> kinds;
    std::istringstream in(folder->read(file));
    for (std::string line; std::getline(in, line);) kinds.push_back(nlohmann::json::parse(line)["kind"]);
    return kinds;
  };
  const outcome o = run("report=found.jsonl");
  EXPECT_EQ(o.status, 66);
  EXPECT_EQ(count(o.err, "WARNING: DATA RACE"), 2u) << "the text is written too";
  using kinds = std::vector<std::string>;
  EXPECT_EQ(lines("found.jsonl"), (kinds{"program", "data_race", "data_race"}));
  run("report=found.jsonl exitcode=0 halt_on_error=1");
  EXPECT_EQ(lines("found.jsonl"), (kinds{"program", "data_race", "data_race", "program", "data_race"}));

  EXPECT_EQ(run("report=cut.jsonl").status, 66);
  const std::string whole = folder->read("cut.jsonl");
  folder->write("cut.jsonl", whole.substr(0, whole.size() - 20));
  run("report=cut.jsonl");
  EXPECT_EQ(count(folder->read("cut.jsonl"), "\n{\"ravel_report\":1,\"kind\":\"program\""), 1u) << "half a line was joined to the next";

  folder->write("killed.cpp", "#include <csignal>\n#include <ravel/ravel.hpp>\nint counter;\nint main() {\n  ravel::wait_group both;\n"
                              "  for (int i = 0; i < 2; ++i) both.go([] { ++counter; });\n  both.wait();\n  std::raise(SIGKILL);\n}\n");
  ASSERT_EQ(folder->run(RAVELXX " -race killed.cpp -o killed").status, 0);
  EXPECT_EQ(folder->run("RAVEL_OPTIONS=report=killed.jsonl ./killed").status, 128 + 9);
  EXPECT_EQ(lines("killed.jsonl"), (kinds{"program", "data_race"}));
}

TEST_F(reports, a_report_file_that_cannot_be_written_ends_the_program_before_it_begins) {
  expect_refused("report=absent/found.jsonl", "ravel: RAVEL_OPTIONS: report: cannot write absent/found.jsonl: No such file or directory; name a file in a folder that exists\n");
}

TEST_F(reports, fit_their_schema) {
  run("report=schema.jsonl");
  const outcome o = folder->run("python3 " RAVEL_SOURCE_DIR "/tests/report/validate.py " RAVEL_SOURCE_DIR "/detector/report/ravel_report.schema.json schema.jsonl --lines");
  EXPECT_EQ(o.status, 0) << o.out << o.err;
}

TEST_F(reports, of_explored_schedules_have_every_step) {
  folder->write("explored.cpp", R"(#include <ravel/explore.hpp>
#include <ravel/ravel.hpp>
void both(ravel::mutex& a, ravel::mutex& b) { a.lock(); b.lock(); b.unlock(); a.unlock(); }
int main() {
  const auto r = ravel::explore::run([] {
    ravel::mutex a, b;
    auto done = ravel::make_chan<int>(1);
    ravel::go([&] { both(a, b); done.send(1); });
    both(b, a);
    done.recv();
  });
  return r.ok() ? 0 : 3;
}
)");
  const outcome built = folder->run(RAVELXX " -race explored.cpp -o explored");
  ASSERT_EQ(built.status, 0) << built.err;
  EXPECT_EQ(folder->run("RAVEL_OPTIONS=report=explored.jsonl ./explored").status, 3);
  const outcome fits = folder->run("python3 " RAVEL_SOURCE_DIR "/tests/report/validate.py " RAVEL_SOURCE_DIR "/detector/report/ravel_report.schema.json explored.jsonl --lines");
  EXPECT_EQ(fits.status, 0) << fits.out << fits.err;
  std::istringstream in(folder->read("explored.jsonl"));
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 3u);
  const nlohmann::json& deadlock = lines[1];
  EXPECT_EQ(deadlock["kind"], "deadlock");
  ASSERT_EQ(deadlock["goroutines"].size(), 2u);
  for (const nlohmann::json& g : deadlock["goroutines"]) {
    EXPECT_EQ(g["stack"][0]["function"], "both(ravel::mutex&, ravel::mutex&)");
    EXPECT_EQ(g["stack"][0]["line"], 3);
    ASSERT_EQ(g["locks"].size(), 1u) << g;
    ASSERT_EQ(g["waits_for"].size(), 1u);
  }
  EXPECT_EQ(deadlock["goroutines"][0]["waits_for"][0], deadlock["goroutines"][1]["locks"][0]["address"]);
  EXPECT_EQ(deadlock["goroutines"][1]["waits_for"][0], deadlock["goroutines"][0]["locks"][0]["address"]);
  std::size_t locked = 0;
  for (const nlohmann::json& s : deadlock["schedule"]["steps"]) locked += s.value("operation", "") == "mutex_lock";
  EXPECT_EQ(locked, 2u);
  EXPECT_EQ(deadlock["schedule"]["replay"].get<std::string>().substr(2, 3), ":d:");
  EXPECT_EQ(lines[2]["kind"], "exploration");
  EXPECT_EQ(lines[2]["failures"], 1);
  EXPECT_EQ(lines[2]["progress"].back(), (nlohmann::json{lines[2]["schedules"], lines[2]["distinct"]}));
}

// What orders the two accesses here the detector does not see, so that they come in one order always.
TEST_F(reports, a_race_names_what_one_goroutine_last_heard_of_the_other) {
  folder->write("heard.cpp", R"(#include <ravel/ravel.hpp>
#include <atomic>
int shared;
std::atomic<bool> written{false};
int main() {
  auto ready = ravel::make_chan<int>(1), stop = ravel::make_chan<int>();
  ravel::wait_group both;
  both.go([&] {
    ready << 1;
    shared = 2;
    written.store(true, std::memory_order_relaxed);
    stop.recv();
  });
  both.go([&] {
    ready.recv();
    while (!written.load(std::memory_order_relaxed)) ravel::yield();
    shared = 3;
    stop.close();
  });
  both.wait();
}
)");
  const outcome built = folder->run(RAVELXX " -race -O1 heard.cpp -o heard");
  ASSERT_EQ(built.status, 0) << built.err;
  EXPECT_EQ(folder->run("RAVEL_OPTIONS=report=heard.jsonl ./heard").status, 66);
  std::istringstream in(folder->read("heard.jsonl"));
  std::string line;
  for (int i = 0; i < 2; ++i) std::getline(in, line);
  const nlohmann::json race = nlohmann::json::parse(line);
  ASSERT_TRUE(race.contains("last_known")) << line;
  EXPECT_EQ(race["last_known"]["did"], "sent on a channel");
  EXPECT_EQ(race["last_known"]["stack"].back()["line"], 9) << line;
  EXPECT_EQ(race["previous"]["stack"][0]["line"], 10);
}

TEST_F(reports, are_in_colour_on_a_terminal_unless_no_color_is_set) {
  const auto on_a_terminal = [](const std::string& before) {
    return count(folder->run("script -qec '" + before + " RAVEL_OPTIONS= ./racy' typescript </dev/null").out, "\033[");
  };
  EXPECT_GT(on_a_terminal("env -u NO_COLOR"), 0u);
  EXPECT_EQ(on_a_terminal("NO_COLOR=1"), 0u);
  EXPECT_GT(on_a_terminal("NO_COLOR="), 0u) << "empty is not set, https://no-color.org";
}

}  // namespace
