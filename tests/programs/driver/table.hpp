#pragma once
// What came of all runs, one row a binary, printed at the end.

#include <string>

#include "tests/programs/driver/judge.hpp"

namespace programs {

// Once a case: the worst verdict of its runs.
void count_case(const std::string& topic, verdict_kind kind, bool known_to_fail);
void print_table(int runs_each);

}  // namespace programs
