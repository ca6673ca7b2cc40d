// A local variable whose address never leaves the function is reached by no other goroutine while it lives, so no access to it can race.
// Asked of the whole variable, not of the address at hand: `f(l); l[i] = 0;` with an escaped array l is a shared write, though nothing
// ever captured the address of l[i]. What the stack slot held before and will hold after is another object; the detector forgets the
// slot's history when a goroutine's stack is handed on.

#include <llvm/ADT/DenseMap.h>
#include <llvm/Analysis/CaptureTracking.h>
#include <llvm/Analysis/ValueTracking.h>

#include "instrument/pass/eliminate/eliminations.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

class private_objects {
 public:
  bool holds(const Value* pointer) {
    const auto* local = dyn_cast<AllocaInst>(getUnderlyingObject(pointer, 0));
    if (local == nullptr) return false;
    const auto [known, is_new] = captured_.try_emplace(local, false);
    if (is_new) known->second = PointerMayBeCaptured(local, true, true, 1000);
    return !known->second;
  }

 private:
  DenseMap<const AllocaInst*, bool> captured_;
};

}  // namespace

void drop_private_accesses(found_accesses& found) {
  private_objects locals;
  erase_if(found.plain, [&](const access& a) { return locals.holds(a.pointer); });
  erase_if(found.runs, [&](const MemIntrinsic* run) {
    if (!locals.holds(run->getRawDest())) return false;
    const auto* transfer = dyn_cast<MemTransferInst>(run);
    return transfer == nullptr || locals.holds(transfer->getRawSource());
  });
  erase_if(found.atomics, [&](const Instruction* i) {
    // A fence has no location. Another order than relaxed is kept: it still orders what other goroutines can reach.
    if (const auto* l = dyn_cast<LoadInst>(i)) return l->getOrdering() == AtomicOrdering::Monotonic && locals.holds(l->getPointerOperand());
    if (const auto* s = dyn_cast<StoreInst>(i)) return s->getOrdering() == AtomicOrdering::Monotonic && locals.holds(s->getPointerOperand());
    return false;
  });
}

}  // namespace ravel::instrument
