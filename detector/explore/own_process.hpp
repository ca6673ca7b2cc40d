#pragma once
#include "detector/explore/engine.hpp"

namespace ravel::detector::explore {

// As execute, in a copy of this process: what the program changes, in memory, by exit or by dying, is gone afterwards. Its output is kept and
// becomes part of the report when it dies. One schedule at a time.
void execute_in_own_process(const terms& t, strategy& s, const wishes& w, execution& out);

// Whether copies can be made: this process has no other thread. A copy would lack it.
bool can_be_copied();

// From now on the copies write to this process's output.
void let_output_through();

}  // namespace ravel::detector::explore
