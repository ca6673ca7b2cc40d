#pragma once
#include <llvm/IR/PassManager.h>

namespace ravel::instrument {

// Runs before the optimiser. Strengthens the one place where libstdc++'s headers order less than they mean to: std::atomic<shared_ptr>
// unlocks its lock bit with relaxed order after a load (libstdc++ 12, bits/shared_ptr_atomic.h), so that nothing orders the load before
// the next store. A formal race, and the library's: no user can act on it, and every user of the class would see it.
struct library_mends : llvm::PassInfoMixin<library_mends> {
  llvm::PreservedAnalyses run(llvm::Module& m, llvm::ModuleAnalysisManager&);
  static bool isRequired() { return true; }
};

}  // namespace ravel::instrument
