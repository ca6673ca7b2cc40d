#pragma once
#include <string>
#include <vector>

#include "tools/ravel/command.hpp"

namespace ravel::tools {

struct test_cases {
  bool google_test = false;
  std::vector<std::string> names;  // "Suite.Name" as the program lists them under its own --gtest_filter; else the command, once
};

// What there is to run in a program: GoogleTest's cases, each in a process of its own, or any other command as one case.
test_cases cases_of(const words& command_line);

}  // namespace ravel::tools
