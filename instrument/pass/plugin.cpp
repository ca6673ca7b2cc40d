// What -fpass-plugin finds in the shared object: marks before the optimiser, checks and safepoints after it, at every optimisation level;
// checks of whole loops before these are taken apart.

#include <llvm/Passes/PassBuilder.h>
#include <llvm/Passes/PassPlugin.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>

#include "instrument/pass/check_accesses.hpp"
#include "instrument/pass/insert_safepoints.hpp"
#include "instrument/pass/library_mends.hpp"
#include "instrument/pass/merge_loop_checks.hpp"
#include "instrument/pass/skip_functions.hpp"
#include "runtime/abi/ravel_abi.h"

namespace {

// The vectoriser reads a strided array as a whole and picks out what it wants: the gaps between are accesses the program does not make.
void forbid_wider_loads() {
  const auto& options = llvm::cl::getRegisteredOptions();
  const auto option = options.find("enable-interleaved-mem-accesses");
  if (option != options.end() && option->second->getNumOccurrences() == 0) option->second->addOccurrence(0, option->first(), "false");
}

void register_passes(llvm::PassBuilder& builder) {
  using namespace ravel::instrument;
  forbid_wider_loads();
  builder.registerPipelineStartEPCallback([](llvm::ModulePassManager& passes, llvm::OptimizationLevel) {
    passes.addPass(library_mends());
    passes.addPass(skip_functions());
  });
  builder.registerVectorizerStartEPCallback([](llvm::FunctionPassManager& passes, llvm::OptimizationLevel) {
    passes.addPass(llvm::LoopSimplifyPass());
    passes.addPass(merge_loop_checks());
  });
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
  builder.registerPipelineParsingCallback(
      [](llvm::StringRef name, llvm::FunctionPassManager& passes, llvm::ArrayRef<llvm::PassBuilder::PipelineElement>) {
        if (name != "ravel-loops") return false;
        passes.addPass(merge_loop_checks());
        return true;
      });
}

}  // namespace

extern "C" LLVM_ATTRIBUTE_WEAK llvm::PassPluginLibraryInfo llvmGetPassPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "ravel", "1", register_passes};
}
