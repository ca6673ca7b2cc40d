#pragma once
#include "tests/programs/program.hpp"

namespace programs {

// Main stands still until something has been reported, however slow the machine is; program.hpp ends a case that waits in vain.
inline void until_reported() {
  while (ravel::race::errors() == 0) ravel::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace programs
