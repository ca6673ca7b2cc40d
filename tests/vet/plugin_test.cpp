// The same checks as warnings of ravel++.

#include <gtest/gtest.h>

#include "tests/support/command.hpp"

namespace {

using namespace ravel::test;

class vet_plugin : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("loop.cpp", "#include <ravel/ravel.hpp>\nvoid use(int);\nvoid f() {\n  for (int i = 0; i < 3; ++i) {\n"
                              "    ravel::go([&i] { use(i); });\n  }\n}\n");
  }
  outcome compile(const std::string& words) const { return folder_.run(RAVELXX " -c loop.cpp " + words); }
  scratch_folder folder_;
};

TEST_F(vet_plugin, warns_while_compiling) {
  for (const char* variant : {"", "-race"}) {
    const outcome o = compile(variant);
    EXPECT_EQ(o.status, 0);
    EXPECT_NE(o.err.find("loop.cpp:5:17: warning: the goroutine refers to the loop variable 'i'"), std::string::npos) << o.err;
    EXPECT_NE(o.err.find("[-Wravel-dangling-capture]"), std::string::npos) << o.err;
    EXPECT_NE(o.err.find("1 warning generated."), std::string::npos) << o.err;
  }
}

TEST_F(vet_plugin, is_silenced_by_its_options) {
  for (const char* option : {"-Wno-ravel", "-Wno-ravel-dangling-capture", "-w"}) {
    const outcome o = compile(option);
    EXPECT_EQ(o.status, 0) << option;
    EXPECT_EQ(o.err, "") << option;
  }
  EXPECT_NE(compile("-Wno-ravel-lost-cancel").err, "");
  EXPECT_NE(compile("-Wno-ravel -Wravel").err, "");
}

TEST_F(vet_plugin, makes_errors_when_asked) {
  // -Werror alone is for the compiler's own: a new check must not break a build.
  EXPECT_EQ(compile("-Werror").status, 0);
  const outcome o = compile("-Werror=ravel");
  EXPECT_EQ(o.status, 1);
  EXPECT_NE(o.err.find("error: the goroutine refers"), std::string::npos) << o.err;
}

TEST_F(vet_plugin, has_errors_for_all_checks_or_none) {
  EXPECT_EQ(compile("-Werror=ravel -Wno-error=ravel").status, 0);
  EXPECT_EQ(compile("-Wno-error=ravel -Werror=ravel").status, 1);
  for (const std::string option : {"-Wravel-lost-cancel", "-Werror=ravel-lost-cancel", "-Wno-error=ravel-lost-cancel"}) {
    const outcome o = compile(option);
    EXPECT_EQ(o.status, 2) << option;
    EXPECT_EQ(o.err.find("ravel++: " + option + ": "), 0u) << o.err;
    EXPECT_EQ(count_lines(o.err), 1u) << o.err;
  }
}

TEST_F(vet_plugin, refuses_a_check_that_is_not_there) {
  const outcome o = compile("-Wno-ravel-nonsense");
  EXPECT_NE(o.status, 0);
  EXPECT_NE(o.err.find("there is no check 'nonsense'"), std::string::npos) << o.err;
}

TEST_F(vet_plugin, has_nothing_to_say_when_linking) {
  folder_.write("main.cpp", "int main() {}\n");
  ASSERT_EQ(folder_.run(RAVELXX " -c main.cpp").status, 0);
  const outcome o = folder_.run(RAVELXX " -Wno-ravel-lost-cancel main.o -o main && ./main");
  EXPECT_EQ(o.status, 0);
  EXPECT_EQ(o.err, "");
}

TEST_F(vet_plugin, reads_the_comment_that_ignores) {
  folder_.write("loop.cpp", "#include <ravel/ravel.hpp>\nvoid f() {\n  int n = 0;\n"
                            "  // ravel: vet-ignore(dangling-capture) tested\n  ravel::go([&n] { ++n; });\n}\n");
  EXPECT_EQ(compile("").err, "");
}

}  // namespace
