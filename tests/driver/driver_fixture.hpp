#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/support/command.hpp"

namespace ravel::test {

// ravel++ in an empty folder, with a racy and a quiet program in it.
class ravelxx : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("quiet.cpp", "int main() {}\n");
    folder_.write("racy.cpp", R"(#include <ravel/ravel.hpp>
int counter;
void increment();
#ifndef ELSEWHERE
void increment() { ++counter; }
#endif
int main() {
  ravel::wait_group finished;
  finished.add(1);
  ravel::go([&] { increment(); finished.done(); });
  increment();
  finished.wait();
}
)");
  }

  outcome run(const std::string& command) const { return folder_.run(command); }
  outcome compile(const std::string& words) const { return run(RAVELXX " " + words); }

  // One line on standard error that has `reason` in it, status 2, nothing made.
  void expect_refused(const std::string& words, const std::string& reason) const {
    const outcome o = compile(words);
    EXPECT_EQ(o.status, 2) << words;
    EXPECT_EQ(count_lines(o.err), 1u) << words << "\n" << o.err;
    EXPECT_NE(o.err.find(reason), std::string::npos) << words << "\n" << o.err;
    EXPECT_EQ(o.out, "") << words;
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "a.out")) << words;
  }

  // Succeeds and has nothing to say.
  void expect_quiet(const std::string& words) const {
    const outcome o = compile(words);
    EXPECT_EQ(o.status, 0) << words;
    EXPECT_EQ(o.err, "") << words;
  }

  void expect_race(const std::string& command) const {
    const outcome o = run(command);
    EXPECT_EQ(o.status, 66) << command << "\n" << o.err;
    EXPECT_NE(o.err.find("DATA RACE"), std::string::npos) << o.err;
  }

  scratch_folder folder_;
};

}  // namespace ravel::test
