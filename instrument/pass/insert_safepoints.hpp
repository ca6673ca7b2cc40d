#pragma once
#include <llvm/IR/PassManager.h>

namespace ravel::instrument {

// Lets the scheduler take turns with code that never calls it: a test of one thread-local word (ravel_abi.h) at loop back-edges and at the
// entries of functions that may be recursive, so that no execution goes on for ever without one. Runs last, over what the optimiser left.
//
// Left out: short runs of counted loops (short_loops.hpp); loops of at most 4,096 rounds, inner ones counted in; loops that call in each round
// what tests by itself; functions that call nothing which could call them back; Ravel's own functions where they are skipped, and
// [[ravel::no_race]] ones. Tight loops test every 256th round.
class insert_safepoints : public llvm::PassInfoMixin<insert_safepoints> {
 public:
  // Under the race detector a round costs more than its test: loops are left as they are.
  explicit insert_safepoints(bool splits_short_runs) : splits_short_runs_(splits_short_runs) {}
  llvm::PreservedAnalyses run(llvm::Module& m, llvm::ModuleAnalysisManager& analyses);
  static bool isRequired() { return true; }

 private:
  bool splits_short_runs_;
};

}  // namespace ravel::instrument
