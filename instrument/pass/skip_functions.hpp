#pragma once
#include <llvm/IR/PassManager.h>

namespace ravel::instrument {

// Runs before the optimiser. Marks the functions whose accesses are not checked (is_skipped is then true of them) and keeps the
// optimiser from mixing them with checked code: they are never inlined, and nothing checked is inlined into them. All others are marked so
// that the optimiser makes no access which the program does not make.
//   - Ravel's own: the outermost namespace is `ravel`. Its lambdas and members too; std:: templates over Ravel's types and users'
//     lambdas given to Ravel are users' code.
//   - [[ravel::no_race]], which clang passes on as disable_sanitizer_instrumentation, of lambdas as an annotation.
//   - the cache within std::ctype<char>.
//   - naked functions and resolvers of ifuncs, which run before the process has thread-local storage.
struct skip_functions : llvm::PassInfoMixin<skip_functions> {
  llvm::PreservedAnalyses run(llvm::Module& m, llvm::ModuleAnalysisManager&);
  static bool isRequired() { return true; }
};

bool is_skipped(const llvm::Function& f);

// Is the outermost namespace of this mangled name `ravel`?
bool is_ravels_own(llvm::StringRef mangled);

}  // namespace ravel::instrument
