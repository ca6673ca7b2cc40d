#pragma once
#include <llvm/IR/Instructions.h>

#include "instrument/pass/check_builder.hpp"

namespace ravel::instrument {

// A direct call of a libc function that entry_points.def has a checked stand-in for, with libc's own types.
bool has_libc_stand_in(const llvm::CallInst& call);
void lower_libc_call(llvm::CallInst& call, check_builder& check);

}  // namespace ravel::instrument
