// ravel replay: the schedule of one failure, in a test program. Which test: --gtest_filter among the program's arguments.

#include <cstdlib>

#include "tools/ravel/command.hpp"

namespace ravel::tools {

int run_replay(const words& given) {
  if (given.size() < 2) throw refused("a line and a program are needed: ravel replay 'r1:...' ./bank_test --gtest_filter=Bank.transfer");
  if (!given[0].starts_with("r1:")) throw refused("'" + given[0] + "' is no schedule line: it does not begin with 'r1:'; copy the whole line that a failure printed");
  ::setenv("RAVEL_REPLAY", given[0].c_str(), 1);
  become(words(given.begin() + 1, given.end()));
}

}  // namespace ravel::tools
