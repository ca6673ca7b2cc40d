#pragma once
// C++ function-local statics. Whoever sees the guard set sees the initialised object: an edge from the initialiser to everybody who passes.
// The guard itself is the compiler's, so its accesses are no accesses of the user's.

#include <llvm/IR/Instructions.h>

#include "instrument/pass/check_builder.hpp"

namespace ravel::instrument {

bool is_guard_load(const llvm::LoadInst& load);  // the fast path's look at the guard byte
bool is_guard_call(const llvm::CallBase& call);  // __cxa_guard_acquire, __cxa_guard_release

void lower_guard_load(llvm::LoadInst& load, check_builder& check);
void lower_guard_call(llvm::CallBase& call, check_builder& check);

}  // namespace ravel::instrument
