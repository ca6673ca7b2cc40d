// ravel test: the environment that <ravel/gtest.hpp> reads, from a command line.

#include "tools/ravel/command.hpp"

namespace ravel::tools {

int run_test(const words& given) {
  words rest = given;
  while (take_setting(rest, "--schedules", "RAVEL_SCHEDULES") || take_setting(rest, "--strategy", "RAVEL_STRATEGY") ||
         take_setting(rest, "--seed", "RAVEL_SEED")) {
  }
  if (rest.empty()) throw refused("which program? ravel test [--schedules N] ./bank_test");
  if (rest[0].starts_with('-')) throw refused("unknown option " + rest[0] + "; there are --schedules, --strategy and --seed");
  become(rest);
}

}  // namespace ravel::tools
