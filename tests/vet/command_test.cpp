// ravel vet as a command: its statuses, its refusals, --fix and its ways to get flags.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/command.hpp"

namespace {

using namespace ravel::test;

class vet_command : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("quiet.cpp", "#include <ravel/ravel.hpp>\nint main() {\n  int n = 0;\n  auto done = ravel::make_chan<ravel::unit>();\n"
                               "  ravel::go([&n, done] {\n    ++n;\n    done.close();\n  });\n  done.recv();\n  return n - 1;\n}\n");
    folder_.write("loop.cpp", "#include <ravel/ravel.hpp>\nvoid use(int);\nvoid f() {\n  for (int i = 0; i < 3; ++i) {\n"
                              "    ravel::go([&i] { use(i); });\n  }\n}\n");
  }

  outcome vet(const std::string& words) const { return folder_.run(RAVEL " vet " + words); }

  void expect_refused(const std::string& words, const std::string& reason) const {
    const outcome o = vet(words);
    EXPECT_EQ(o.status, 2) << words;
    EXPECT_EQ(count_lines(o.err), 1u) << o.err;
    EXPECT_NE(o.err.find(reason), std::string::npos) << o.err;
    EXPECT_EQ(o.out, "") << words;
  }

  scratch_folder folder_;
};

TEST_F(vet_command, is_silent_about_a_right_program) {
  const outcome o = vet("quiet.cpp");
  EXPECT_EQ(o.status, 0);
  EXPECT_EQ(o.out + o.err, "");
}

TEST_F(vet_command, shows_place_line_and_remedy) {
  const outcome o = vet("loop.cpp");
  EXPECT_EQ(o.status, 1);
  EXPECT_EQ(o.err, "");
  EXPECT_EQ(o.out,
            "loop.cpp:5:17: warning: the goroutine refers to the loop variable 'i', which is another turn's or gone when it runs [dangling-capture]\n"
            "    5 |     ravel::go([&i] { use(i); });\n"
            "      |                 ^\n"
            "loop.cpp:4:12: note: 'i' lives as long as the loop, and nothing after the start waits for the goroutine: capture by value, or wait before "
            "it ends\n"
            "    4 |   for (int i = 0; i < 3; ++i) {\n"
            "      |            ^\n"
            "1 finding\n");
}

TEST_F(vet_command, mends_what_is_safe) {
  folder_.write("send.cpp", "#include <ravel/ravel.hpp>\nvoid f() {\n  auto c = ravel::make_chan<int>(1);\n  ravel::go([&c] { c << 1; });\n}\n");
  EXPECT_EQ(vet("--fix loop.cpp send.cpp").status, 1);
  EXPECT_NE(folder_.read("loop.cpp").find("ravel::go([i] { use(i); });"), std::string::npos) << folder_.read("loop.cpp");
  EXPECT_NE(folder_.read("send.cpp").find("ravel::go([c] { c << 1; });"), std::string::npos) << folder_.read("send.cpp");
  const outcome again = vet("loop.cpp send.cpp");
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(again.out, "");
}

// What is found there is left to the user: the mended source would not compile, or would do something else.
TEST_F(vet_command, mends_nothing_it_might_break) {
  const std::string begin = "#include <ravel/ravel.hpp>\nvoid use(int);\nvoid take(ravel::chan<int>&);\nvoid f(int k) {\n  int n = 1;\n"
                            "  auto c = ravel::make_chan<int>(1);\n  c << k;\n  ravel::go(";
  for (const char* lambda : {"[=, &n] { use(n + k); }", "[&c] { take(c); }", "[&c] { c = {}; }"}) {
    const std::string source = begin + lambda + ");\n}\n";
    folder_.write("kept.cpp", source);
    EXPECT_EQ(vet("--fix kept.cpp").status, 1) << lambda;
    EXPECT_EQ(folder_.read("kept.cpp"), source);
  }
  const std::string source = "#include <ravel/ravel.hpp>\nbool full;\nvoid f(ravel::mutex& m, ravel::cond& c) {\n  m.lock();\n"
                             "  if (!full) c.wait();\n  full = false;\n  m.unlock();\n}\n";
  folder_.write("kept.cpp", source);
  EXPECT_EQ(vet("--fix kept.cpp").status, 1);
  EXPECT_EQ(folder_.read("kept.cpp"), source);
}

TEST_F(vet_command, leaves_a_capture_that_is_written_to) {
  folder_.write("writes.cpp", "#include <ravel/ravel.hpp>\nvoid f() {\n  int n = 0;\n  ravel::go([&n] { ++n; });\n}\n");
  EXPECT_EQ(vet("--fix writes.cpp").status, 1);
  EXPECT_NE(folder_.read("writes.cpp").find("[&n]"), std::string::npos);
}

TEST_F(vet_command, takes_flags_from_behind_the_dashes) {
  folder_.write("part.hpp", "int part();\n");
  std::filesystem::create_directory(folder_.path() / "inc");
  folder_.write("inc/elsewhere.hpp", "int elsewhere();\n");
  folder_.write("uses.cpp", "#include <elsewhere.hpp>\nint main() { return NUMBER - 7; }\n");
  expect_refused("uses.cpp", "uses.cpp:1: 'elsewhere.hpp' file not found");
  EXPECT_EQ(vet("uses.cpp -- -Iinc -DNUMBER=7").status, 0);
}

TEST_F(vet_command, takes_flags_and_files_from_a_build) {
  const std::string here = folder_.path().string();
  folder_.write("compile_commands.json", "[{\"directory\": \"" + here + "\", \"file\": \"loop.cpp\", \"command\": \"ravel++ -race -O2 -Wno-ravel -c loop.cpp\"}]");
  const outcome o = vet("-p .");
  EXPECT_EQ(o.status, 1) << o.err;
  EXPECT_NE(o.out.find("loop.cpp:5:17"), std::string::npos) << o.out;
  // One that it does not name, with the flags of its neighbours.
  EXPECT_EQ(vet("-p . quiet.cpp").status, 0);
}

TEST_F(vet_command, looks_at_the_users_headers_once) {
  folder_.write("user.hpp", "#pragma once\n#include <ravel/ravel.hpp>\ninline void f() {\n  int n = 0;\n  ravel::go([&n] { ++n; });\n}\n");
  folder_.write("one.cpp", "#include \"user.hpp\"\n");
  folder_.write("two.cpp", "#include \"user.hpp\"\n");
  const outcome o = vet("one.cpp two.cpp");
  EXPECT_EQ(o.status, 1);
  EXPECT_NE(o.out.find("user.hpp:5:"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("1 finding\n"), std::string::npos) << o.out;
  // The same header of a library.
  folder_.write("three.cpp", "#include <user.hpp>\n");
  EXPECT_EQ(vet("three.cpp -- -std=c++20 -isystem .").status, 0);
}

// Installed in /usr, where PREFIX/include is the C library's too: first of all folders it hides <stdlib.h> from <cstdlib>.
TEST_F(vet_command, works_where_its_prefix_has_other_headers) {
  namespace fs = std::filesystem;
  const fs::path from = fs::path(RAVEL).parent_path().parent_path(), to = folder_.path() / "usr";
  fs::create_directories(to / "bin");
  fs::create_directories(to / "lib/ravel");
  fs::copy_file(from / "bin/ravel-vet", to / "bin/ravel-vet");
  fs::create_directory_symlink("/usr/include", to / "include");
  fs::create_directory_symlink(from / "lib/ravel/include", to / "lib/ravel/include");
  folder_.write("c.cpp", "#include <cstdlib>\n#include <cmath>\n#include <ravel/ravel.hpp>\nint f() { return std::abs(-1); }\n");
  const outcome o = folder_.run("usr/bin/ravel-vet c.cpp");
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(o.out + o.err, "");
}

TEST_F(vet_command, writes_to_a_file) {
  const outcome o = vet("--format=sarif --output=out.sarif loop.cpp");
  EXPECT_EQ(o.status, 1);
  EXPECT_EQ(o.out, "");
  EXPECT_NE(folder_.read("out.sarif").find("\"ruleId\": \"dangling-capture\""), std::string::npos);
  expect_refused("--output=no/such/folder loop.cpp", "cannot be written");
}

TEST_F(vet_command, refuses_in_one_line) {
  expect_refused("", "no files");
  expect_refused("none.cpp", "none.cpp: no such file");
  expect_refused("--checks=nonsense loop.cpp", "there is no check 'nonsense'");
  expect_refused("--format=xml loop.cpp", "there is no format 'xml'");
  expect_refused("--colour loop.cpp", "there is no option '--colour'");
  expect_refused("loop.cpp --format", "--format needs a value");
  expect_refused("-p nowhere loop.cpp", "compile_commands.json");
  expect_refused("-p . loop.cpp -- -O2", "give one of them");
  folder_.write("wrong.cpp", "int main() {\n  return 0\n}\n");
  expect_refused("wrong.cpp", "wrong.cpp:2: expected ';'");
}

TEST_F(vet_command, tells_its_use) {
  const outcome o = vet("--help");
  EXPECT_EQ(o.status, 0);
  for (const char* word : {"-p BUILD", "--checks", "--list", "--format", "--output", "--fix", "vet-ignore", "Exit status"}) {
    EXPECT_NE(o.out.find(word), std::string::npos) << word;
  }
}

}  // namespace
