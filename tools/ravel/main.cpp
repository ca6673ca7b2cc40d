// ravel COMMAND arguments: looks the command up and runs it.

#include <cstdio>
#include <cstring>

#include "tools/ravel/command.hpp"

namespace {

using namespace ravel::tools;

constexpr command commands[] = {
    {"explore", "[--schedules N] [--strategy S] [--seed N] PROGRAM [-- ARGUMENTS]", "runs a whole program under many schedules, each in a process of its own", run_explore},
    {"replay", "[--step] LINE PROGRAM [-- ARGUMENTS]", "runs a program or a test under the one schedule that a failure printed; --step: in gdb", run_replay},
    {"test", "[--schedules N] [--strategy S] [--seed N] TEST_PROGRAM [ARGUMENTS]", "runs a program's RAVEL_TESTs under many schedules", run_test},
};

void print_help() {
  std::puts("usage: ravel COMMAND ...\n");
  for (const command& c : commands) std::printf("  ravel %s %s\n      %s\n", c.name, c.arguments, c.sentence);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  if (name == "help" || name == "--help" || name == "-h") {
    print_help();
    return 0;
  }
  for (const command& c : commands) {
    if (name != c.name) continue;
    try {
      return c.run(words(argv + 2, argv + argc));
    } catch (const refused& why) {
      std::fprintf(stderr, "ravel %s: %s\n", c.name, why.what());
      return 2;
    }
  }
  std::fprintf(stderr, "ravel: %s; `ravel help` lists them\n", name.empty() ? "a command is missing" : ("there is no command '" + name + "'").c_str());
  return 2;
}
