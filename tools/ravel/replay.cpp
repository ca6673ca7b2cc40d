// ravel replay: the schedule of one failure, in the program that failed or in a test program. Which test: --gtest_filter among its arguments.
// Or what RAVEL_OPTIONS=record=FILE has recorded, in the program that was recorded.

#include <unistd.h>

#include <cstdlib>

#include "detector/explore/line.hpp"
#include "tools/ravel/command.hpp"
#include "tools/ravel/options.hpp"

namespace ravel::tools {

int run_replay(const words& given) {
  words rest = given;
  bool step = false, other_build = false;
  take_options(rest, rows_of("replay"), [&](const std::string& name, const std::string&) {
    if (name == "--log") ::setenv("RAVEL_LOG", "1", 1);
    else (name == "--step" ? step : other_build) = true;
  });
  if (rest.size() < 2) {
    throw refused("a line or a recording and a program are needed: ravel replay 'r1:...' ./bank_test --gtest_filter=Bank.transfer, or ravel replay FILE ./bank");
  }
  const std::string what = rest[0];
  if (what.starts_with("r1:") || what.starts_with("r2:")) {
    detector::explore::read_line(what);  // refuses what no program could read
    if (other_build) throw refused("--other-build is for recordings; a line fits other builds anyway");
  } else if (::access(what.c_str(), R_OK) != 0) {
    throw refused("'" + what + "' is no schedule line: it does not begin with 'r1:' or 'r2:'; copy the whole line that a failure printed; nor is there a file of that name to read");
  }
  ::setenv("RAVEL_REPLAY", what.c_str(), 1);
  ::unsetenv("RAVEL_EXPLORE");
  if (other_build) ::setenv("RAVEL_OTHER_BUILD", "1", 1);
  rest.erase(rest.begin());
  if (rest.size() > 1 && rest[1] == "--") rest.erase(rest.begin() + 1);
  check_race_build(rest[0]);
  if (step) {
    // One process and one thread of goroutines: breakpoints are met in the schedule's order.
    ::setenv("RAVEL_STEP", "1", 1);
    rest.insert(rest.begin(), {"gdb", "--args"});
  }
  become(rest);
}

}  // namespace ravel::tools
