#pragma once
#include <llvm/IR/Instruction.h>
#include <llvm/IR/PassManager.h>

namespace llvm {
class Loop;
}

namespace ravel::instrument {

// Gives innermost counted loops a second body: at the loop's start its number of rounds is known, and nearly always so small that the
// loop is over in a fraction of a time slice; then the rounds need no safepoint. Marks the first body; the copy, for long runs, is an
// ordinary loop. Measured on tight loops: a test in each round costs up to 25 %, this next to nothing.
void split_off_short_runs(llvm::Function& f, llvm::FunctionAnalysisManager& analyses);

// Small, and calls nothing.
bool is_tight(const llvm::Loop& loop);

bool is_short_run(const llvm::Instruction& latch_terminator);

}  // namespace ravel::instrument
