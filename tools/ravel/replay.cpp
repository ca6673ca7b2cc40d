// ravel replay: the schedule of one failure, in the program that failed or in a test program. Which test: --gtest_filter among its arguments.

#include <cstdlib>

#include "tools/ravel/command.hpp"
#include "tools/ravel/options.hpp"

namespace ravel::tools {

int run_replay(const words& given) {
  words rest = given;
  bool step = false;
  take_options(rest, rows_of("replay"), [&](const std::string& name, const std::string&) {
    if (name == "--step") step = true;
    else ::setenv("RAVEL_LOG", "1", 1);
  });
  if (rest.size() < 2) throw refused("a line and a program are needed: ravel replay 'r1:...' ./bank_test --gtest_filter=Bank.transfer");
  if (!rest[0].starts_with("r1:") && !rest[0].starts_with("r2:")) throw refused("'" + rest[0] + "' is no schedule line: it does not begin with 'r1:' or 'r2:'; copy the whole line that a failure printed");
  ::setenv("RAVEL_REPLAY", rest[0].c_str(), 1);
  ::unsetenv("RAVEL_EXPLORE");
  rest.erase(rest.begin());
  if (rest.size() > 1 && rest[1] == "--") rest.erase(rest.begin() + 1);
  if (step) {
    // One process and one thread of goroutines: breakpoints are met in the schedule's order.
    ::setenv("RAVEL_STEP", "1", 1);
    rest.insert(rest.begin(), {"gdb", "--args"});
  }
  become(rest);
}

}  // namespace ravel::tools
