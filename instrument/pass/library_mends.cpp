#include "instrument/pass/library_mends.hpp"

#include <llvm/IR/Constants.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Module.h>

#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

namespace {

bool is_relaxed(const Value* order) {
  const auto* constant = dyn_cast<ConstantInt>(order);
  return constant != nullptr && constant->getZExtValue() == RAVEL_ORDER_RELAXED;
}

// Their last argument is a std::memory_order.
bool unlocks(const Function& f, const Function& caller) {
  const StringRef name = f.getName();
  if (name.contains("10_Sp_atomic") && name.contains("13_Atomic_count6unlockESt12memory_order")) return true;
  return caller.getName().contains("13_Atomic_count14_M_wait_unlockE") && name.contains("9fetch_subE");
}

}  // namespace

PreservedAnalyses library_mends::run(Module& m, ModuleAnalysisManager&) {
  bool changed = false;
  for (Function& f : m) {
    for (Instruction& i : instructions(f)) {
      auto* call = dyn_cast<CallBase>(&i);
      const Function* callee = call == nullptr ? nullptr : call->getCalledFunction();
      if (callee == nullptr || call->arg_empty() || !unlocks(*callee, f)) continue;
      const unsigned last = call->arg_size() - 1;
      if (!is_relaxed(call->getArgOperand(last))) continue;
      call->setArgOperand(last, ConstantInt::get(call->getArgOperand(last)->getType(), RAVEL_ORDER_RELEASE));
      changed = true;
    }
  }
  return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}

}  // namespace ravel::instrument
