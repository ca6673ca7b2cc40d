// What -fpass-plugin finds in the shared object: marks before the optimiser, checks and safepoints after it, at every optimisation level.

#include <llvm/Passes/PassBuilder.h>
#include <llvm/Passes/PassPlugin.h>

#include "instrument/pass/check_accesses.hpp"
#include "instrument/pass/insert_safepoints.hpp"
#include "instrument/pass/skip_functions.hpp"
#include "runtime/abi/ravel_abi.h"

namespace {

void register_passes(llvm::PassBuilder& builder) {
  using namespace ravel::instrument;
  builder.registerPipelineStartEPCallback([](llvm::ModulePassManager& passes, llvm::OptimizationLevel) { passes.addPass(skip_functions()); });
  builder.registerOptimizerLastEPCallback([](llvm::ModulePassManager& passes, llvm::OptimizationLevel) {
    passes.addPass(check_accesses());
    passes.addPass(insert_safepoints(false));
  });
  // By name too, so that a test can run either alone.
  builder.registerPipelineParsingCallback(
      [](llvm::StringRef name, llvm::ModulePassManager& passes, llvm::ArrayRef<llvm::PassBuilder::PipelineElement>) {
        if (name == "ravel-skip") passes.addPass(skip_functions());
        else if (name == "ravel-check") passes.addPass(check_accesses());
        else if (name == "ravel-safepoints") passes.addPass(insert_safepoints(false));
        else return false;
        return true;
      });
}

}  // namespace

extern "C" LLVM_ATTRIBUTE_WEAK llvm::PassPluginLibraryInfo llvmGetPassPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "ravel", "1", register_passes};
}
