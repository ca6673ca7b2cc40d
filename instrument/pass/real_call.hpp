#pragma once
#include <llvm/ADT/StringRef.h>
#include <llvm/IR/InstrTypes.h>

namespace ravel::instrument {

// A call of anything but a known harmless intrinsic or a function that touches no memory: user code runs, or the runtime.
bool is_real_call(const llvm::Instruction& i);

// The placeholder for the check of a whole loop (merge_loop_checks.hpp): its names, and whether a call is one.
inline constexpr llvm::StringLiteral loop_read_placeholder = "ravel.loop.read", loop_write_placeholder = "ravel.loop.write";
bool is_loop_check(const llvm::CallBase& call);

}  // namespace ravel::instrument
