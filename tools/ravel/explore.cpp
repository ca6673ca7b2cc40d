// ravel explore: a whole program under many schedules, each in a process of its own. The program does it itself (detector/explore/whole_program.cpp);
// here its environment is made from a command line.

#include <cstdlib>

#include "tools/ravel/command.hpp"

namespace ravel::tools {

int run_explore(const words& given) {
  words rest = given;
  while (take_setting(rest, "--schedules", "RAVEL_SCHEDULES") || take_setting(rest, "--strategy", "RAVEL_STRATEGY") ||
         take_setting(rest, "--seed", "RAVEL_SEED")) {
  }
  if (rest.empty()) throw refused("which program? ravel explore [--schedules N] ./prog -- ARGUMENTS");
  if (rest[0].starts_with('-')) throw refused("unknown option " + rest[0] + "; there are --schedules, --strategy and --seed");
  if (rest.size() > 1 && rest[1] == "--") rest.erase(rest.begin() + 1);
  ::setenv("RAVEL_EXPLORE", "1", 1);
  ::unsetenv("RAVEL_REPLAY");
  become(rest);
}

}  // namespace ravel::tools
