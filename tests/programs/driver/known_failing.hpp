#pragma once
#include "tests/programs/driver/case_list.hpp"

namespace programs {

// Why the case is known to fail, or null. Such a case must go on failing: when it is mended, its row goes.
const char* known_failing(const case_name& c);

}  // namespace programs
