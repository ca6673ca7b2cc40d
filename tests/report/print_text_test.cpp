// The text of reports, every branch of print_text.cpp, in tests/golden/report_*.txt.

#include "detector/report/print_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "tests/report/samples.hpp"
#include "tests/support/golden.hpp"

namespace {

using namespace ravel::detector::report;
using namespace ravel::test;

const text_style plain{false, true, RAVEL_SOURCE_DIR "/"};

std::string print(const finding& f, const text_style& style = plain) {
  source_text sources;
  return print_text(f, style, sources);
}

// One golden file of several reports, each under a line that says what is special about it: of each only the paragraphs in question,
// 0 and 1 the accesses, 2 the location, from 3 on the goroutines, or all.
class collection {
 public:
  collection(const char* name, std::vector<std::size_t> paragraphs) : name_(name), paragraphs_(std::move(paragraphs)) {}
  ~collection() { expect_golden(name_, text_); }

  void add(const std::string& what, const std::function<void(finding&)>& change, const text_style& style = plain) {
    finding f = bank_race();
    change(f);
    text_ += "--- " + what + "\n";
    const std::string report = print(f, style);
    std::size_t number = 0;
    for (std::size_t at = 0; at < report.size(); ++number) {
      const std::size_t end = std::min(report.find("\n\n", at), report.size() - 1) + 1;
      if (paragraphs_.empty() || std::count(paragraphs_.begin(), paragraphs_.end(), number) != 0) text_ += report.substr(at, end - at) + "\n";
      at = end + 1;
    }
  }

 private:
  std::string name_;
  std::vector<std::size_t> paragraphs_;
  std::string text_;
};

TEST(print_text, whole_report) { expect_golden("report_whole.txt", print(bank_race())); }

TEST(print_text, kinds_of_access) {
  collection c("report_accesses.txt", {0, 1});
  const access_kind kinds[] = {access_kind::read,         access_kind::write,         access_kind::atomic_read,    access_kind::atomic_write,   access_kind::free,
                               access_kind::channel_send, access_kind::channel_close, access_kind::wait_group_add, access_kind::wait_group_wait};
  for (const access_kind kind : kinds) {
    c.add("kind " + std::to_string(static_cast<int>(kind)), [&](finding& f) {
      f.data_race.current.kind = f.data_race.previous.kind = kind;
      f.data_race.current.size = 1;
    });
  }
}

TEST(print_text, locations) {
  collection c("report_locations.txt", {2});
  const auto at = [&](const std::string& what, const location& w) { c.add(what, [&](finding& f) { f.data_race.where = w; }); };
  at("unknown", {});
  at("channel", {location_kind::channel, 0x7f0000001000, 0, 0, "", 0, {}, "", 0});
  at("wait_group", {location_kind::wait_group, 0x7f0000001000, 0, 0, "", 0, {}, "", 0});
  at("stack of main", {location_kind::stack, 0x7f0000001000, 0, 0, "", 1, {}, "", 0});
  at("stack of main, its frame known", {location_kind::stack, 0x7f0000001000, 96, 28, "main", 1, {}, "", 0});
  c.add("stack of another, no variable known", [](finding& f) {
    f.data_race.where = {location_kind::stack, 0x7f0000001000, 0, 0, "", 7, {}, "", 0};
    f.data_race.current.variable = "";
  });
  at("global with its definition", {location_kind::global, 0x7f0000001000, 4, 0, "total", 0, {}, RAVEL_SOURCE_DIR "/tests/report/sources/bank.cpp", 2});
  at("global without, accessed inside", {location_kind::global, 0x7f0000001000, 400, 8, "bank::accounts", 0, {}, "", 0});
  at("heap, of nobody known", {location_kind::heap, 0x7f0000001000, 1, 0, "", 0, {}, "", 0});
  at("heap, one byte inside", {location_kind::heap, 0x7f0000001000, 16, 1, "", 7, {in_bank("main()", 9, 0)}, "", 0});
}

TEST(print_text, locks) {
  collection c("report_locks.txt", {0, 1});
  c.add("one; and several, one of them for reading, one locked where nobody knows", [](finding& f) {
    f.data_race.current.locks = {{0x7f0000002000, false, "mutex", {in_bank("main()", 11, 3)}}};
    f.data_race.previous.locks = {{0x7f0000002000, false, "mutex", {in_bank("main()", 11, 3)}},
                                  {0x7f0000003000, true, "rw_mutex", {in_library("std::lock_guard<ravel::rw_mutex>::lock_guard()", 200), in_bank("main()", 10, 0)}},
                                  {0x7f0000004000, false, "mutex", {}}};
  });
}

TEST(print_text, goroutines) {
  collection c("report_goroutines.txt", {0, 1, 3, 4});
  const auto by = [&](const std::string& what, const goroutine& current, const goroutine& previous) {
    c.add(what, [&](finding& f) {
      f.data_race.current.by = current;
      f.data_race.previous.by = previous;
    });
  };
  goroutine named = child_goroutine();
  named.name = "teller";
  goroutine finished = child_goroutine();
  finished.id = 8;
  finished.running = false;
  finished.created_by = 7;
  by("named; finished and made by another than main", named, finished);
  by("a thread", {9, "", true, 0, {}}, main_goroutine());
  by("the same goroutine twice", child_goroutine(), child_goroutine());
  goroutine nowhere = child_goroutine();
  nowhere.created_at.clear();
  by("created where nobody knows", main_goroutine(), nowhere);
}

TEST(print_text, frames) {
  collection c("report_frames.txt", {0, 5});
  const auto at = [&](const std::string& what, const stack& s) { c.add(what, [&](finding& f) { f.data_race.current.at = s; }); };
  at("no stack", {});
  at("no source: module and offset; file alone; nothing", {without_source("strlen", "/lib/libc.so.6", 0x1234), {"f()", "/src/f.cpp", 0, 0, "", 0}, {"", "", 0, 0, "", 0}});
  at("module under the prefix", {without_source("f()", RAVEL_SOURCE_DIR "/build/libf.so", 16)});
  at("two library frames", {in_library("std::vector<int>::push_back(int const&)", 1281), in_library("std::vector<int>::_M_realloc_insert()", 437), in_bank("main()", 9, 5)});
  at("more of them, and at both ends",
     {in_library("one()", 1), in_library("two()", 2), in_library("three()", 3), in_bank("main()", 9, 5), in_library("one()", 1), in_library("two()", 2), in_library("three()", 3),
      in_library("four()", 4)});
  at("only library", {in_library("one()", 1)});
}

TEST(print_text, source_lines) {
  collection c("report_source_lines.txt", {0});
  const auto at = [&](const std::string& what, const frame& where) { c.add(what, [&](finding& f) { f.data_race.current.at = {where}; }); };
  at("indented by a tab", in_bank("deposit(account&, int)", 6, 8));
  at("column unknown", in_bank("deposit(account&, int)", 5, 0));
  at("column before the text", in_bank("deposit(account&, int)", 5, 1));
  at("empty line", in_bank("f()", 3, 1));
  at("line beyond the end", in_bank("f()", 1000, 1));
  at("file that is gone", {"f()", "/nowhere/gone.cpp", 5, 1, "", 0});
  c.add("variable unknown", [](finding& f) { f.data_race.current.variable = ""; });
}

TEST(print_text, styles) {
  collection c("report_styles.txt", {});
  const auto as_it_is = [](finding&) {};
  c.add("colour", as_it_is, {true, true, RAVEL_SOURCE_DIR "/"});
  c.add("no summary", as_it_is, {false, false, RAVEL_SOURCE_DIR "/"});
  c.add("program unknown", [](finding& f) { f.program = ""; });
  c.add("a prefix that nothing has, and no stack to sum up", [](finding& f) {
    for (auto* a : {&f.data_race.current, &f.data_race.previous}) a->at.clear();
    f.data_race.current.by = main_goroutine();
    f.data_race.where = {location_kind::global, 0x7f0000001000, 4, 0, "total", 0, {}, "/src/bank.cpp", 2};
  }, {false, true, "/nowhere/"});
}

TEST(print_text, the_next_command_runs_only_the_test_it_was_found_in) {
  finding f = bank_race();
  f.arguments = "--gtest_filter=Bank.transfer";
  EXPECT_NE(print(f).find("gdb -ex 'break _exit' -ex run --args " + f.program + " --gtest_filter=Bank.transfer\n"), std::string::npos) << print(f);
  f.happened.replay = "r1:r:";
  EXPECT_NE(print(f).find("RAVEL_REPLAY='r1:r:' " + f.program + " --gtest_filter=Bank.transfer\n"), std::string::npos) << print(f);
}

}  // namespace
