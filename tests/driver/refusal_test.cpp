// Every wrong command line or installation: one line that says what and how to mend it, and status 2.

#include "tests/driver/driver_fixture.hpp"

namespace ravel::test {

TEST_F(ravelxx, refuses_an_unknown_option) {
  expect_refused("-race --no-such-option quiet.cpp", "--no-such-option");
  expect_refused("-rase quiet.cpp", "-rase");
}

TEST_F(ravelxx, refuses_nothing_to_do) {
  expect_refused("", "no input files; try: ravel++ -race");
  expect_refused("-race", "no input files");
  expect_refused("-race -O2 -g", "no input files");
}

TEST_F(ravelxx, refuses_a_missing_file) {
  expect_refused("-race absent.cpp", "ravel++: absent.cpp: no such file");
  expect_refused("quiet.cpp absent.o", "ravel++: absent.o: no such file");
}

TEST_F(ravelxx, refuses_an_option_without_its_value) { expect_refused("quiet.cpp -o", "-o needs a value after it"); }

TEST_F(ravelxx, refuses_race_in_a_response_file) {
  folder_.write("words", "quiet.cpp -race\n");
  expect_refused("@words", "ravel++: @words holds -race: give it on the command line itself");
}

TEST_F(ravelxx, refuses_another_compiler) {
  for (const char* other : {"clang++-14", "g++"}) {
    if (run(std::string("command -v ") + other).status != 0) continue;
    const outcome o = run(std::string("RAVEL_CXX=") + other + " " RAVELXX " -race quiet.cpp");
    EXPECT_EQ(o.status, 2);
    EXPECT_EQ(count_lines(o.err), 1u) << o.err;
    EXPECT_NE(o.err.find(std::string("RAVEL_CXX=") + other + " is '"), std::string::npos) << o.err;
    EXPECT_NE(o.err.find("the plugin is for clang 19"), std::string::npos) << o.err;
  }
  const outcome o = run("RAVEL_CXX=/nowhere/clang++ " RAVELXX " -race quiet.cpp");
  EXPECT_EQ(o.status, 2);
  EXPECT_EQ(count_lines(o.err), 1u) << o.err;
  EXPECT_NE(o.err.find("RAVEL_CXX=/nowhere/clang++ cannot be run"), std::string::npos) << o.err;
}

TEST_F(ravelxx, refuses_to_work_without_its_parts) {
  run("mkdir -p alone/bin && cp " RAVELXX " alone/bin/ravel++");
  const outcome o = run("alone/bin/ravel++ -race quiet.cpp");
  EXPECT_EQ(o.status, 2);
  EXPECT_EQ(count_lines(o.err), 1u) << o.err;
  EXPECT_NE(o.err.find("/alone/lib/ravel/libravel_plugin.so is missing: install Ravel again"), std::string::npos) << o.err;
}

TEST_F(ravelxx, refuses_what_cannot_work) {
  expect_refused("-static quiet.cpp", "-static: goroutines need the dynamic C library");
  expect_refused("-race -static-pie quiet.cpp", "-static-pie with -race: ");
  expect_refused("-stdlib=libc++ quiet.cpp", "libstdc++");
  expect_refused("-m32 quiet.cpp", "x86-64");
  expect_refused("-race -no-pie quiet.cpp", "-no-pie with -race: shadow memory needs a position-independent program");
  expect_refused("quiet.cpp -nopie -race", "-nopie with -race: ");
  for (const char* other : {"thread", "address", "memory", "hwaddress", "undefined,thread", "address,undefined"}) {
    expect_refused(std::string("-race quiet.cpp -fsanitize=") + other, std::string("-fsanitize=") + other + " with -race: ");
  }
}

TEST_F(ravelxx, takes_what_works_without_race) {
  expect_quiet("-no-pie quiet.cpp -o quiet && ./quiet");
  expect_quiet("-race -fsanitize=undefined -c quiet.cpp -o quiet.o");
}

TEST_F(ravelxx, refuses_objects_of_two_kinds) {
  folder_.write("part.cpp", "extern int counter;\nvoid increment();\nvoid increment() { ++counter; }\n");
  folder_.write("plain_part.cpp", "#include <ravel/go.hpp>\nvoid increment() { ravel::yield(); }\n");
  expect_quiet("-race -c part.cpp -o part_race.o");
  expect_quiet("-c plain_part.cpp -o part_plain.o");
  run("ar rc libpart_race.a part_race.o && ar rc libpart_plain.a part_plain.o");
  expect_refused("-race -DELSEWHERE racy.cpp part_plain.o", "part_plain.o was compiled without -race and this is a -race program");
  expect_refused("-race -DELSEWHERE racy.cpp libpart_plain.a", "libpart_plain.a was compiled without -race");
  expect_refused("-DELSEWHERE racy.cpp part_race.o", "part_race.o was compiled with -race and this is not a -race program");
  expect_refused("-DELSEWHERE racy.cpp libpart_race.a", "libpart_race.a was compiled with -race");
  // Where ravel++ does not look, the linker says it by the names of symbols.
  const outcome hidden = compile("-race -DELSEWHERE racy.cpp -L. -lpart_plain");
  EXPECT_NE(hidden.status, 0);
  EXPECT_NE(hidden.err.find("ravel_link_error__object_was_compiled_without_race"), std::string::npos) << hidden.err;
}

}  // namespace ravel::test
