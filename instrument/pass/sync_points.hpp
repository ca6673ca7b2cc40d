#pragma once
#include <llvm/IR/Instruction.h>

namespace ravel::instrument {

// A call of anything but a known harmless intrinsic or a function that touches no memory: user code runs, or the runtime.
bool is_real_call(const llvm::Instruction& i);

// May a release or an acquire of this goroutine happen in `i`? Every real call but those known to keep the region (call_facts.hpp), every
// ordered atomic operation, and the entry points of the detector that stand for one. Between two of them all accesses of the goroutine are ordered alike against everybody else's.
bool may_synchronise(const llvm::Instruction& i);

// The atomic operations that are bracketed: not those between a thread and its own signal handler, nor unordered ones.
bool is_ordered_atomic(const llvm::Instruction& i);

}  // namespace ravel::instrument
