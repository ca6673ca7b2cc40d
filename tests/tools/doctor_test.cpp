// ravel doctor: set-ups that are broken on purpose, each named with its remedy, in an installation of this build's parts.

#include "tests/tools/tools_fixture.hpp"

namespace ravel::test {

class doctor : public tools {
 protected:
  void SetUp() override {
    // The programs are copies, since they find their parts by where they lie themselves.
    const outcome o = run("mkdir -p i/bin i/lib/ravel other && cp " BUILD "/bin/ravel " BUILD "/bin/ravel++ i/bin/ && cp -s " BUILD "/lib/libravel.a " BUILD
                          "/lib/libravel_race.a i/lib/ && cp -s " BUILD "/lib/ravel/*.so i/lib/ravel/ && cp -rs " BUILD "/include i/include && cp -r " BUILD
                          "/lib/ravel/include i/lib/ravel/");
    ASSERT_EQ(o.status, 0) << o.err;
    for (const char* file : {"vm/overcommit_memory", "vm/max_map_count", "vm/mmap_rnd_bits", "kernel/yama/ptrace_scope"}) folder_.write(std::string("proc/sys/") + file, "1\n");
    folder_.write("proc/sys/vm/max_map_count", "65530\n");
    folder_.write("proc/self/maps", "");
  }

  // What is wrong and the word of its remedy, and nothing else is.
  void expect_bad(const std::string& broken, const std::string& name, const std::string& what, const std::string& mend, const std::string& options = "--no-trial") const {
    const outcome o = run(clean_ + broken + " i/bin/ravel doctor --proc proc " + options);
    EXPECT_EQ(o.status, 1) << broken << "\n" << o.out << o.err;
    const std::size_t at = o.out.find("BAD   " + name + ": ");
    ASSERT_NE(at, std::string::npos) << broken << "\n" << o.out;
    const std::size_t end = o.out.find('\n', o.out.find("mend: ", at));
    const std::string said = o.out.substr(at, end - at);
    EXPECT_NE(said.find(what), std::string::npos) << said;
    EXPECT_NE(said.find("mend: "), std::string::npos) << said;
    EXPECT_NE(said.find(mend), std::string::npos) << said;
    EXPECT_NE(o.out.find(" to mend\n"), std::string::npos) << o.out;
  }

  // Nothing of the test's own surroundings counts.
  const std::string clean_ =
      "unset RAVEL_CXX RAVEL_OPTIONS RAVEL_REPLAY RAVEL_SCHEDULES RAVEL_SEED RAVEL_STRATEGY RAVEL_NETWORK RAVEL_MAXPROCS CPATH CPLUS_INCLUDE_PATH LD_PRELOAD CMAKE_CXX_COMPILER_LAUNCHER CXX; export PATH=$PWD/i/bin:$PATH; ";
};

TEST_F(doctor, finds_nothing_where_nothing_is_wrong) {
  const outcome o = run(clean_ + "i/bin/ravel doctor --proc proc");
  EXPECT_EQ(o.status, 0) << o.out << o.err;
  EXPECT_NE(o.out.find("a -race program builds and its race is reported"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("ravel doctor: nothing is wrong\n"), std::string::npos) << o.out;
}

TEST_F(doctor, bad_use_is_refused) {
  expect_refused("doctor now", "it takes no arguments, there is 'now'");
  expect_refused("doctor --fast", "unknown option --fast; there are --proc, --no-trial");
}

TEST_F(doctor, names_missing_parts) {
  run("mv i/lib/libravel_race.a away");
  expect_bad("", "parts", "i/lib/libravel_race.a is missing", "install Ravel again");
  run("mv away i/lib/libravel_race.a; mv i/lib/ravel/libravel_plugin.so away");
  expect_bad("", "parts", "libravel_plugin.so is missing", "install Ravel again");
  run("mv away i/lib/ravel/libravel_plugin.so; mv i/include away");
  expect_bad("", "parts", "i/include/ravel/ravel.hpp is missing", "install Ravel again");
}

TEST_F(doctor, names_a_compiler_that_is_missing_or_of_another_version) {
  expect_bad("RAVEL_CXX=/nowhere/clang++", "compiler", "RAVEL_CXX=/nowhere/clang++ cannot be run", "set RAVEL_CXX to the path of clang++-19");
  folder_.write("clang15", "#!/bin/sh\necho 'Debian clang version 15.0.6'\n");
  run("chmod +x clang15");
  expect_bad("RAVEL_CXX=./clang15", "compiler", "is 'Debian clang version 15.0.6', the plugin is for clang 19", "unset it");
}

TEST_F(doctor, names_plugin_and_library_of_two_versions) {
  run("sed 's/__ravel_abi_version_[0-9]*_/__ravel_abi_version_1_/g' i/lib/libravel_race.a > l && mv l i/lib/libravel_race.a");
  expect_bad("", "interface", "lib/libravel_race.a has version 1", "they are of two Ravels");
  run("mv i/lib/libravel_race.a l && echo > i/lib/libravel_race.a");
  expect_bad("", "interface", "is no library of the detector", "install Ravel again");
  run("mv l i/lib/libravel_race.a; rm i/lib/ravel/libravel_plugin.so; echo > i/lib/ravel/libravel_plugin.so");
  expect_bad("", "interface", "is no plugin of Ravel's", "install Ravel again");
}

TEST_F(doctor, names_a_plugin_that_does_not_load) {
  run("head -c 3000 i/lib/ravel/libravel_safepoints.so > s && mv s i/lib/ravel/libravel_safepoints.so");
  expect_bad("", "plugin", "libravel_safepoints.so does not load into the compiler", "built for another LLVM");
}

TEST_F(doctor, names_the_cause_and_not_what_comes_of_it) {
  const auto only = [&](const std::string& broken, const std::string& name) {
    const outcome o = run(clean_ + broken + " i/bin/ravel doctor --proc proc --no-trial");
    EXPECT_EQ(o.status, 1) << o.out;
    EXPECT_NE(o.out.find("BAD   " + name + ": "), std::string::npos) << o.out;
    EXPECT_EQ(o.out.find("BAD"), o.out.rfind("BAD")) << o.out;
    EXPECT_NE(o.out.find("not looked at, for want of "), std::string::npos) << o.out;
  };
  only("RAVEL_CXX=/nowhere/clang++", "compiler");
  run("mv i/lib/libravel_race.a away");
  only("", "parts");
  run("mv away i/lib/libravel_race.a; mv i/lib/ravel/libravel_plugin.so away");
  only("", "parts");
}

TEST_F(doctor, says_why_a_program_does_not_build) {
  // The first words name the reason, the last do not.
  folder_.write("links_more", "#!/bin/sh\nexec " CLANGXX " \"$@\" -lnowhere_to_be_found\n");
  run("chmod +x links_more");
  expect_bad("RAVEL_CXX=$PWD/links_more", "-race program", "nowhere_to_be_found", "says more", "");
}

TEST_F(doctor, names_missing_headers_of_the_standard_library) {
  folder_.write("bare", "#!/bin/sh\nexec " CLANGXX " -nostdinc++ \"$@\"\n");
  run("chmod +x bare");
  expect_bad("RAVEL_CXX=./bare", "headers", "does not find the headers", "apt-get install libstdc++-12-dev");
}

TEST_F(doctor, names_another_ravel_in_the_way) {
  folder_.write("other/ravel++", "#!/bin/sh\n");
  folder_.write("headers/ravel/ravel.hpp", "");
  run("chmod +x other/ravel++");
  expect_bad("PATH=$PWD/other:$PATH", "path", "other/ravel++, of another Ravel", "before it in PATH");
  expect_bad("CPATH=/usr/lib:$PWD/headers", "other headers", "CPATH leads to the headers of another Ravel", "unset CPATH");
}

TEST_F(doctor, names_settings_that_nothing_can_read) {
  expect_bad("RAVEL_OPTIONS='halt_on_error'", "RAVEL_OPTIONS", "'halt_on_error', which is no name=value", "RAVEL_OPTIONS=help=1");
  expect_bad("RAVEL_OPTIONS='suppressions=/nowhere'", "RAVEL_OPTIONS", "cannot be read: /nowhere", "give the whole path");
  expect_bad("RAVEL_OPTIONS='halt_on_eror=1'", "-race program", "RAVEL_OPTIONS: ", "mend or unset RAVEL_OPTIONS", "");
  expect_bad("RAVEL_SCHEDULES=many", "tests", "RAVEL_SCHEDULES=many is no number", "unset RAVEL_SCHEDULES");
  expect_bad("RAVEL_REPLAY=r1:r:", "tests", "every RAVEL_TEST runs that one schedule", "unset RAVEL_REPLAY");
  expect_bad("TMPDIR=/nowhere", "temporary files", "/nowhere, cannot be written to", "set TMPDIR");
  expect_bad("LD_PRELOAD=/nowhere/libtsan.so", "LD_PRELOAD", "a checker of its own", "unset LD_PRELOAD");
}

TEST_F(doctor, tells_what_tests_run_with) {
  EXPECT_NE(run(clean_ + "i/bin/ravel doctor --proc proc --no-trial").out.find("tests: nothing set"), std::string::npos);
  const outcome o = run(clean_ + "RAVEL_SCHEDULES=9 RAVEL_NETWORK=reset i/bin/ravel doctor --proc proc --no-trial");
  EXPECT_NE(o.out.find("tests: tests run with RAVEL_SCHEDULES=9, RAVEL_NETWORK=reset\n"), std::string::npos) << o.out;
}

TEST_F(doctor, names_limits_of_the_shell) {
  expect_bad("ulimit -v 8000000;", "ulimit -v", "limited to 7812 MiB", "ulimit -v unlimited");
  expect_bad("ulimit -v 8000000;", "-race program", "shadow memory", "", "");
  // Where the hard limit forbids it, nobody can have this trouble.
  if (run("ulimit -s unlimited").status == 0) expect_bad("ulimit -s unlimited;", "ulimit -s", "the stack has no limit", "ulimit -s 8192");
}

TEST_F(doctor, names_settings_of_the_kernel) {
  const auto set = [&](const char* file, const char* value, const char* name, const std::string& what, const std::string& mend) {
    const std::string path = std::string("proc/sys/") + file, before = folder_.read(path);
    folder_.write(path, std::string(value) + "\n");
    expect_bad("", name, what, mend);
    folder_.write(path, before);
  };
  set("vm/overcommit_memory", "2", "overcommit", "vm.overcommit_memory=2", "sysctl vm.overcommit_memory=0");
  set("vm/max_map_count", "1000", "mappings", "vm.max_map_count=1000: too few", "sysctl vm.max_map_count");
  set("vm/mmap_rnd_bits", "40", "layout", "vm.mmap_rnd_bits=40", "sysctl vm.mmap_rnd_bits=32");
  set("kernel/yama/ptrace_scope", "3", "ptrace", "only root may debug", "sysctl kernel.yama.ptrace_scope=1");
  run("rm proc/self/maps");
  expect_bad("", "proc", "is not mounted", "mount -t proc");
}

TEST_F(doctor, says_that_a_compiler_cache_overlooks_a_plugin) {
  const outcome o = run(clean_ + "CMAKE_CXX_COMPILER_LAUNCHER=ccache i/bin/ravel doctor --no-trial --proc proc");
  EXPECT_EQ(o.status, 0) << o.out;
  EXPECT_NE(o.out.find("note  ccache: ccache does not look at libravel_safepoints.so"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("mend: export CCACHE_EXTRAFILES="), std::string::npos) << o.out;
}

}  // namespace ravel::test
