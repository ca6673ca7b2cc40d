// ravel explore: not there yet, and says so.

#include "tools/ravel/command.hpp"

namespace ravel::tools {

int run_explore(const words&) {
  throw refused("whole programs cannot be explored yet: call explore::run on a function (<ravel/explore.hpp>), or write a RAVEL_TEST (<ravel/gtest.hpp>)");
}

}  // namespace ravel::tools
