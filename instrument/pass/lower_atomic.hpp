#pragma once
#include <llvm/IR/Instructions.h>

#include "instrument/pass/check_builder.hpp"

namespace ravel::instrument {

// Brackets an atomic load, store, read-modify-write or compare-exchange with __ravel_atomic_begin and _end; follows a fence with
// __ravel_fence. The instruction itself stays as it is.
void lower_atomic(llvm::Instruction& i, check_builder& check);

}  // namespace ravel::instrument
