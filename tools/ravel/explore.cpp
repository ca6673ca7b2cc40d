// ravel explore: a whole program under many schedules, each in a process of its own. The program does it itself (detector/explore/whole_program.cpp);
// here its environment is made from a command line.

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tools/ravel/command.hpp"
#include "tools/ravel/options.hpp"
#include "tools/test/shard.hpp"

namespace ravel::tools {

namespace {

const char* variable_for(const std::string& option) {
  if (option == "--schedules") return "RAVEL_SCHEDULES";
  if (option == "--seed") return "RAVEL_SEED";
  if (option == "--network") return "RAVEL_NETWORK";
  if (option == "--jobs") return "RAVEL_JOBS";
  if (option == "--output") return "RAVEL_OUTPUT";
  if (option == "--points") return "RAVEL_POINTS";
  return option == "--time" ? "RAVEL_TIME_LIMIT" : "RAVEL_STRATEGY";
}

}  // namespace

int run_explore(const words& given) {
  words rest = given;
  std::string part;
  ::setenv("RAVEL_JOBS", std::to_string(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))).c_str(), 1);
  take_options(rest, rows_of("explore"), [&part](const std::string& name, const std::string& value) {
    if (name == "--schedules") number_of(name, value, 1, 1'000'000'000);
    else if (name == "--seed") number_of(name, value, 0, 999'999'999'999'999'999);
    else if (name == "--time") number_of(name, value, 1, 1'000'000'000);
    else if (name == "--jobs") number_of(name, value, 1, 256);
    if (name == "--shard") part = value;
    else ::setenv(variable_for(name), value.c_str(), 1);
  });
  if (rest.empty()) throw refused("which program? ravel explore [--schedules N] ./prog -- ARGUMENTS");
  if (rest.size() > 1 && rest[1] == "--") rest.erase(rest.begin() + 1);
  const shard mine = take_shard(part);
  ::setenv("RAVEL_SHARD", std::to_string(mine.index).c_str(), 1);
  ::setenv("RAVEL_SHARDS", std::to_string(mine.of).c_str(), 1);
  check_race_build(rest[0]);
  ::setenv("RAVEL_EXPLORE", "1", 1);
  ::unsetenv("RAVEL_REPLAY");
  become(rest);
}

}  // namespace ravel::tools
