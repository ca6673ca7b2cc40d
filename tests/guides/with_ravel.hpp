#pragma once
#include <string>

namespace ravel::test {

// Goes before each command: this build's Ravel, and nothing of the surroundings that would change what it does.
inline const std::string with_ravel = "unset RAVEL_OPTIONS RAVEL_SEED RAVEL_SCHEDULES RAVEL_STRATEGY RAVEL_NETWORK RAVEL_REPLAY CPATH LD_PRELOAD; "
                                      "export PATH=" BUILD "/bin:$PATH CMAKE_PREFIX_PATH=" BUILD "; ";

}  // namespace ravel::test
