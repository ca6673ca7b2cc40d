// What -fpass-plugin finds in libravel_safepoints.so, for plain builds: safepoints and nothing else.

#include <llvm/Passes/PassBuilder.h>
#include <llvm/Passes/PassPlugin.h>

#include "instrument/pass/insert_safepoints.hpp"

namespace {

void register_passes(llvm::PassBuilder& builder) {
  using namespace ravel::instrument;
  builder.registerOptimizerLastEPCallback([](llvm::ModulePassManager& passes, llvm::OptimizationLevel) { passes.addPass(insert_safepoints(true)); });
}

}  // namespace

extern "C" LLVM_ATTRIBUTE_WEAK llvm::PassPluginLibraryInfo llvmGetPassPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "ravel-safepoints", "1", register_passes};
}
