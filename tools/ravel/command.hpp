#pragma once
// A command of `ravel`: a row in main.cpp's table and a file.

#include <stdexcept>
#include <string>
#include <vector>

namespace ravel::tools {

using words = std::vector<std::string>;

struct command {
  const char* name;
  const char* arguments;
  const char* sentence;
  int (*run)(const words& arguments);  // exit status
};

// Bad use: one line on stderr, exit status 2.
struct refused : std::runtime_error {
  using runtime_error::runtime_error;
};

int run_explore(const words& arguments);
int run_replay(const words& arguments);
int run_test(const words& arguments);
int run_vet(const words& arguments);

// Replaces this process by the program; throws refused when it cannot be run.
[[noreturn]] void become(const words& command_line);

// Takes "--name VALUE" or "--name=VALUE" off the front of `arguments` and puts VALUE into the environment; false: it is not there.
bool take_setting(words& arguments, const std::string& name, const char* variable);

}  // namespace ravel::tools
