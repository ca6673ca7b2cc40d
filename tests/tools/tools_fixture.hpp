#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tests/support/command.hpp"

namespace ravel::test {

class tools : public testing::Test {
 protected:
  outcome run(const std::string& command) const { return folder_.run(command); }
  outcome ravel(const std::string& words) const { return run(RAVEL " " + words); }

  void expect_status(int status, const std::string& words, const std::string& says = "") const {
    const outcome o = ravel(words);
    EXPECT_EQ(o.status, status) << words << "\n" << o.out << o.err;
    EXPECT_NE((o.out + o.err).find(says), std::string::npos) << words << "\n" << o.out << o.err;
  }

  // Bad use: status 2 and one line that has `says` in it.
  void expect_refused(const std::string& words, const std::string& says) const {
    const outcome o = ravel(words);
    EXPECT_EQ(o.status, 2) << words << "\n" << o.out << o.err;
    EXPECT_EQ(count_lines(o.err), 1u) << o.err;
    EXPECT_NE(o.err.find(says), std::string::npos) << words << "\n" << o.err;
  }

  // What a verdict says, without the programs' own words, in which addresses and times stand.
  static std::string findings_of(const std::string& said) {
    std::istringstream in(said);
    std::string kept;
    for (std::string line; std::getline(in, line);) {
      const bool fingerprint = line.size() > 22 && line.find_first_not_of("0123456789abcdef", 4) == 20 && line.compare(20, 2, "  ") == 0;
      if (fingerprint || line.rfind("--- FAIL: ", 0) == 0 || line.rfind("    replay: ", 0) == 0 || line.rfind("ravel test: ", 0) == 0) kept += line + "\n";
    }
    return kept;
  }

  scratch_folder folder_;
};

}  // namespace ravel::test
