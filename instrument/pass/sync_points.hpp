#pragma once
#include <llvm/IR/Instruction.h>

#include "instrument/pass/real_call.hpp"

namespace ravel::instrument {

// May a release or an acquire of this goroutine happen in `i`? Every real call but those known to keep the region (call_facts.hpp), every
// ordered atomic operation, and the entry points of the detector that stand for one. Between two of them all accesses of the goroutine are ordered alike against everybody else's.
bool may_synchronise(const llvm::Instruction& i);

// The atomic operations that are bracketed: not those between a thread and its own signal handler, nor unordered ones.
bool is_ordered_atomic(const llvm::Instruction& i);

}  // namespace ravel::instrument
