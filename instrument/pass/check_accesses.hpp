#pragma once
#include <llvm/IR/PassManager.h>

namespace ravel::instrument {

// Runs after the optimiser: checks every access that is left in every function that is not skipped.
struct check_accesses : llvm::PassInfoMixin<check_accesses> {
  llvm::PreservedAnalyses run(llvm::Module& m, llvm::ModuleAnalysisManager&);
  static bool isRequired() { return true; }
};

}  // namespace ravel::instrument
