#pragma once
// What the bodies of a module's functions say about calls of them. Found before anything is instrumented, callees before callers.

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Module.h>

namespace ravel::instrument {

class call_facts {
 public:
  // Marks the functions in which no release or acquire can happen, for keeps_region.
  explicit call_facts(llvm::Module& m);

  // Caller and callee call each other, directly or through others.
  bool is_recursive(const llvm::CallBase& call) const;

 private:
  llvm::DenseMap<const llvm::Function*, unsigned> cycle_;  // functions that call each other have one number
};

// No release, acquire or unknown code runs in this call: what was known of the goroutine's place in happens-before still holds after it.
// Callees: functions of this module found so by call_facts, and a few of the C and C++ libraries that are known.
bool keeps_region(const llvm::CallBase& call);

}  // namespace ravel::instrument
