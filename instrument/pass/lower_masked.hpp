#pragma once
#include <llvm/IR/Instructions.h>

#include "instrument/pass/check_builder.hpp"

namespace ravel::instrument {

// Vector accesses of only those lanes that a mask selects: llvm.masked.{load,store,gather,scatter,expandload,compressstore}, and the
// masked loads, stores and gathers of AVX and AVX2.
bool is_masked_access(const llvm::CallInst& call);
void lower_masked(llvm::CallInst& call, check_builder& check);

}  // namespace ravel::instrument
