#include "instrument/pass/static_guards.hpp"

#include <llvm/Transforms/Utils/BasicBlockUtils.h>

namespace ravel::instrument {

using namespace llvm;

namespace {

void acquire_if(Value* condition, Instruction& after, Value* guard, check_builder& check) {
  Instruction* then = SplitBlockAndInsertIfThen(condition, std::next(after.getIterator()), false);
  IRBuilder<> b(then);
  check.names.call(b, check.names.entry_point("__ravel_static_acquired"), {guard});
}

}  // namespace

bool is_guard_load(const LoadInst& load) {
  if (load.getOrdering() != AtomicOrdering::Acquire) return false;
  const auto* guard = dyn_cast<GlobalVariable>(load.getPointerOperand()->stripPointerCasts());
  return guard != nullptr && guard->getName().starts_with("_ZGV");
}

bool is_guard_call(const CallBase& call) {
  const Function* f = call.getCalledFunction();
  // Clang calls both as nounwind, so never by invoke.
  return f != nullptr && isa<CallInst>(call) && (f->getName() == "__cxa_guard_acquire" || f->getName() == "__cxa_guard_release");
}

void lower_guard_load(LoadInst& load, check_builder& check) {
  IRBuilder<> b(load.getNextNode());
  acquire_if(b.CreateICmpNE(&load, ConstantInt::get(load.getType(), 0)), *load.getNextNode(), load.getPointerOperand(), check);
}

void lower_guard_call(CallBase& call, check_builder& check) {
  Value* const guard = call.getArgOperand(0);
  if (call.getCalledFunction()->getName() == "__cxa_guard_release") {
    IRBuilder<> b(&call);
    check.names.call(b, check.names.entry_point("__ravel_static_released"), {guard});
    return;
  }
  // 0: somebody else has initialised it while we waited.
  IRBuilder<> b(call.getNextNode());
  acquire_if(b.CreateICmpEQ(&call, ConstantInt::get(call.getType(), 0)), *call.getNextNode(), guard, check);
}

}  // namespace ravel::instrument
