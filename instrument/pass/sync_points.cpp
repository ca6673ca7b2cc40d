#include "instrument/pass/sync_points.hpp"

#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include "instrument/pass/abi.hpp"
#include "instrument/pass/call_facts.hpp"

namespace ravel::instrument {

using namespace llvm;

bool is_ordered_atomic(const Instruction& i) {
  const auto system_wide = [](SyncScope::ID scope) { return scope != SyncScope::SingleThread; };
  if (const auto* l = dyn_cast<LoadInst>(&i)) return isStrongerThanUnordered(l->getOrdering()) && system_wide(l->getSyncScopeID());
  if (const auto* s = dyn_cast<StoreInst>(&i)) return isStrongerThanUnordered(s->getOrdering()) && system_wide(s->getSyncScopeID());
  if (const auto* r = dyn_cast<AtomicRMWInst>(&i)) return system_wide(r->getSyncScopeID());
  if (const auto* c = dyn_cast<AtomicCmpXchgInst>(&i)) return system_wide(c->getSyncScopeID());
  if (const auto* f = dyn_cast<FenceInst>(&i)) return system_wide(f->getSyncScopeID());
  return false;
}

bool may_synchronise(const Instruction& i) {
  if (is_ordered_atomic(i)) return true;
  const auto* call = dyn_cast<CallBase>(&i);
  if (call == nullptr) return false;
  if (is_real_call(i)) return !keeps_region(*call);
  // Of the entry points, checks and stand-ins for libc only record.
  const Function* f = call->getCalledFunction();
  return f != nullptr && (f->getName().starts_with("__ravel_atomic_") || f->getName().starts_with("__ravel_static_") || f->getName() == "__ravel_fence");
}

}  // namespace ravel::instrument
