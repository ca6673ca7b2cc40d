#include "instrument/pass/thread_locks.hpp"

#include <llvm/ADT/StringSwitch.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include "instrument/pass/abi.hpp"
#include "instrument/pass/skip_functions.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

enum class effect {
  none,
  takes,            // returns an error number, 0 when taken
  takes_always,
  takes_if_not_0,   // __cxa_guard_acquire: 1 means that the caller initialises
  gives_back,
};

effect effect_of(StringRef name) {
  return StringSwitch<effect>(name)
      .Cases("pthread_mutex_lock", "pthread_mutex_trylock", "pthread_mutex_timedlock", "pthread_mutex_clocklock", effect::takes)
      .Cases("pthread_rwlock_rdlock", "pthread_rwlock_tryrdlock", "pthread_rwlock_timedrdlock", "pthread_rwlock_clockrdlock", effect::takes)
      .Cases("pthread_rwlock_wrlock", "pthread_rwlock_trywrlock", "pthread_rwlock_timedwrlock", "pthread_rwlock_clockwrlock", effect::takes)
      .Cases("pthread_spin_lock", "pthread_spin_trylock", "mtx_lock", "mtx_trylock", "mtx_timedlock", effect::takes)
      .Cases("pthread_mutex_unlock", "pthread_rwlock_unlock", "pthread_spin_unlock", "mtx_unlock", "funlockfile", effect::gives_back)
      .Cases("__cxa_guard_release", "__cxa_guard_abort", effect::gives_back)
      .Case("__cxa_guard_acquire", effect::takes_if_not_0)
      .Case("flockfile", effect::takes_always)
      .Default(effect::none);
}

// Where to go on after a call that returns.
Instruction* after(CallBase& call) {
  if (auto* invoke = dyn_cast<InvokeInst>(&call)) {
    BasicBlock* normal = invoke->getNormalDest();
    if (normal->getSinglePredecessor() == nullptr) normal = SplitEdge(invoke->getParent(), normal);
    return &*normal->getFirstInsertionPt();
  }
  return call.getNextNode();
}

void taken(Instruction* at, Value* error, const DebugLoc& where, abi& names) {
  IRBuilder<> b(at);
  b.SetCurrentDebugLocation(where);
  names.call(b, names.entry_point("__ravel_thread_lock_taken"), {error == nullptr ? b.getInt32(0) : error});
}

void given_back(Instruction* at, const DebugLoc& where, abi& names) {
  IRBuilder<> b(at);
  b.SetCurrentDebugLocation(where);
  names.call(b, names.entry_point("__ravel_thread_lock_given_back"), {});
}

void count(CallBase& call, effect what, abi& names) {
  const DebugLoc where = call.getDebugLoc();
  switch (what) {
    case effect::none: return;
    case effect::takes: return taken(after(call), &call, where, names);
    case effect::takes_always: return taken(after(call), nullptr, where, names);
    case effect::takes_if_not_0: {
      IRBuilder<> b(after(call));
      Value* not_ours = b.CreateZExt(b.CreateICmpEQ(&call, ConstantInt::get(call.getType(), 0)), b.getInt32Ty());
      return taken(&*b.GetInsertPoint(), not_ours, where, names);
    }
    case effect::gives_back: return given_back(after(call), where, names);
  }
}

bool has_expected_type(const CallBase& call, effect what) {
  const Type* result = call.getType();
  return what == effect::takes ? result->isIntegerTy(32) : what == effect::takes_if_not_0 ? result->isIntegerTy() : true;
}

}  // namespace

bool count_thread_locks(Module& m, abi& names) {
  SmallVector<std::pair<CallBase*, effect>> calls;
  for (Function& f : m) {
    const effect what = f.isDeclaration() ? effect_of(f.getName()) : effect::none;
    if (what == effect::none) continue;
    for (User* u : f.users()) {
      auto* call = dyn_cast<CallBase>(u);
      if (call == nullptr || call->getCalledFunction() != &f || call->isMustTailCall() || !has_expected_type(*call, what)) continue;
      if (!is_skipped(*call->getFunction())) calls.emplace_back(call, what);
    }
  }
  for (const auto& [call, what] : calls) count(*call, what, names);
  return !calls.empty();
}

}  // namespace ravel::instrument
