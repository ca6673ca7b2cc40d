// ravel++ is clang++: what it takes, what it passes on, and that -race programs report.

#include "tests/driver/driver_fixture.hpp"

namespace ravel::test {

TEST_F(ravelxx, builds_a_program_that_reports_its_race) {
  expect_quiet("-race racy.cpp -o racy");
  expect_race("./racy");
}

TEST_F(ravelxx, builds_a_plain_program_that_only_runs) {
  expect_quiet("racy.cpp -o racy");
  const outcome o = run("./racy");
  EXPECT_EQ(o.status, 0);
  EXPECT_EQ(o.err, "");
}

TEST_F(ravelxx, takes_its_words_in_any_order) {
  expect_quiet("-o racy racy.cpp -O2 -race -Wall -Wextra -Werror");
  expect_race("./racy");
}

TEST_F(ravelxx, compiles_and_links_in_two_steps) {
  expect_quiet("-race -c racy.cpp -DELSEWHERE");
  folder_.write("part.cpp", "extern int counter;\nvoid increment() { ++counter; }\n");
  expect_quiet("-race -c part.cpp");
  expect_quiet("-race racy.o part.o -o racy");
  expect_race("./racy");
}

TEST_F(ravelxx, stops_where_clang_stops) {
  expect_quiet("-race -S racy.cpp -o racy.s");
  EXPECT_NE(folder_.read("racy.s").find("__ravel_"), std::string::npos);
  expect_quiet("-race -E racy.cpp -o racy.i");
  EXPECT_NE(folder_.read("racy.i").find("wait_group finished"), std::string::npos);
  expect_quiet("-race -fsyntax-only racy.cpp");
  expect_quiet("-race -MM quiet.cpp -MF quiet.d");
  EXPECT_NE(folder_.read("quiet.d").find("quiet.cpp"), std::string::npos);
}

TEST_F(ravelxx, reads_response_files) {
  folder_.write("words", "racy.cpp\n-o racy\n");
  expect_quiet("-race @words");
  expect_race("./racy");
}

TEST_F(ravelxx, reads_a_program_from_standard_input) {
  expect_quiet("-race -x c++ - -o racy < racy.cpp");
  expect_race("./racy");
  expect_quiet("-race -xc++ - -o racy < racy.cpp");
}

TEST_F(ravelxx, compiles_c_when_told_to) {
  folder_.write("part.c", "int class;\nvoid part(void) { class = 1; }\n");
  expect_quiet("-race -x c -c part.c -o part.o");
  expect_quiet("-race -xc -c part.c -o part.o");
  EXPECT_NE(folder_.read("part.o").find("__ravel_check_write4"), std::string::npos);
}

TEST_F(ravelxx, sees_races_in_a_shared_library) {
  folder_.write("part.cpp", "extern int counter;\nvoid increment() { ++counter; }\n");
  expect_quiet("-race -shared -fPIC part.cpp -o libpart.so");
  expect_quiet("-race -DELSEWHERE racy.cpp -L. -lpart -Wl,-rpath,. -o racy");
  expect_race("./racy");
}

TEST_F(ravelxx, keeps_clangs_status_when_the_program_is_wrong) {
  folder_.write("wrong.cpp", "int main() { return undeclared; }\n");
  const outcome compilation = compile("-race wrong.cpp");
  EXPECT_EQ(compilation.status, 1);
  EXPECT_NE(compilation.err.find("wrong.cpp:1:21: error: use of undeclared identifier"), std::string::npos) << compilation.err;
  folder_.write("unlinked.cpp", "void absent();\nint main() { absent(); }\n");
  EXPECT_EQ(compile("-race unlinked.cpp").status, 1);
}

TEST_F(ravelxx, lets_the_user_decide) {
  folder_.write("standard.cpp", "static_assert(__cplusplus > 202002L);\nint main() {}\n");
  EXPECT_EQ(compile("-race standard.cpp").status, 1);
  expect_quiet("-race -std=c++23 standard.cpp -o standard");
  expect_quiet("-race -g0 -c quiet.cpp -o without.o");
  expect_quiet("-race -c quiet.cpp -o with.o");
  EXPECT_EQ(folder_.read("without.o").find(".debug_info"), std::string::npos);
  EXPECT_NE(folder_.read("with.o").find(".debug_info"), std::string::npos);
}

TEST_F(ravelxx, copes_with_names_that_a_shell_would_take_apart) {
  folder_.write("a folder/it's $racy.cpp", folder_.read("racy.cpp"));
  expect_quiet("-race \"a folder/it's \\$racy.cpp\" -o 'a folder/racy'");
  expect_race("'./a folder/racy'");
}

TEST_F(ravelxx, runs_the_compiler_it_is_told_to) {
  const outcome o = run("RAVEL_CXX=" CLANGXX " " RAVELXX " -race quiet.cpp -o quiet && ./quiet");
  EXPECT_EQ(o.status, 0) << o.err;
}

TEST_F(ravelxx, says_what_it_is) {
  const outcome help = compile("--help");
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.out.find("usage: ravel++ [-race]"), 0u) << help.out;
  const outcome version = compile("--version");
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.out.find("ravel++ "), 0u) << version.out;
  EXPECT_NE(version.out.find("clang version 19."), std::string::npos) << version.out;
}

TEST_F(ravelxx, has_a_config_file_that_does_the_same) {
  const outcome race = run(CLANGXX " --config=" RAVEL_LIB "/ravel-race.cfg racy.cpp -o racy");
  EXPECT_EQ(race.status, 0) << race.err;
  EXPECT_EQ(race.err, "");
  expect_race("./racy");
  const outcome plain = run(CLANGXX " --config=" RAVEL_LIB "/ravel.cfg racy.cpp -o plain && ./plain");
  EXPECT_EQ(plain.status, 0) << plain.err;
  EXPECT_EQ(plain.err, "");
}

TEST_F(ravelxx, compiles_by_config_file_without_a_word_about_unused_options) {
  const outcome o = run(CLANGXX " --config=" RAVEL_LIB "/ravel-race.cfg -c racy.cpp -o racy.o");
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(o.err, "");
}

}  // namespace ravel::test
