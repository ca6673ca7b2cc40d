#pragma once
// Before loops are vectorised: the accesses of a loop that together touch every byte of a run become one check of the run, before the loop.
//
// Two parts, because checks are emitted last: a placeholder call stands for the check, and the accesses it stands for are marked. The mark
// is an alias scope that nothing belongs to, so it says nothing, and the vectoriser, the unroller and all that merges or copies memory
// instructions treat it as it must be treated: a copy keeps it, a merger of a marked and an unmarked access loses it.

#include <llvm/IR/Instructions.h>
#include <llvm/IR/PassManager.h>

#include "instrument/pass/check_builder.hpp"
#include "instrument/pass/real_call.hpp"

namespace ravel::instrument {

struct merge_loop_checks : llvm::PassInfoMixin<merge_loop_checks> {
  llvm::PreservedAnalyses run(llvm::Function& f, llvm::FunctionAnalysisManager& analyses);
  static bool isRequired() { return true; }
};

bool is_checked_before_loop(const llvm::Instruction& access);

void lower_loop_check(llvm::CallInst& call, check_builder& check);

}  // namespace ravel::instrument
