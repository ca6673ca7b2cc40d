#pragma once
// A command of `ravel`: a row in main.cpp's table and a file. Help, man pages and shell completion are printed from the rows.

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace ravel::tools {

using words = std::vector<std::string>;

struct option_row {
  const char* name;      // "--seed"
  const char* value;     // "N"; "" for a switch
  const char* sentence;
};

struct command {
  const char* name;
  const char* arguments;
  const char* sentence;
  int (*run)(const words& arguments);  // exit status
  std::span<const option_row> options = {};
};

// Bad use: one line on stderr, exit status 2.
struct refused : std::runtime_error {
  using runtime_error::runtime_error;
};

std::span<const command> all_commands();

struct exit_status_row {
  int status;
  const char* sentence;
};
std::span<const exit_status_row> exit_statuses();

int run_completion(const words& arguments);
int run_doctor(const words& arguments);
int run_explore(const words& arguments);
int run_manual(const words& arguments);
int run_merge(const words& arguments);
int run_replay(const words& arguments);
int run_report(const words& arguments);
int run_test(const words& arguments);
int run_vet(const words& arguments);

// Throws refused when it is the file of a program that was not built with -race. What is no such file (a script) is not looked into.
void check_race_build(const std::string& program);

// Replaces this process by the program; throws refused when it cannot be run.
[[noreturn]] void become(const words& command_line);

}  // namespace ravel::tools
