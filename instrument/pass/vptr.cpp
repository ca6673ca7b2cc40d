#include "instrument/pass/vptr.hpp"

#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Metadata.h>

namespace ravel::instrument {

using namespace llvm;

namespace {

bool is_vtable(const Value* v) {
  const auto* g = dyn_cast<GlobalVariable>(v->stripInBoundsConstantOffsets());
  return g != nullptr && g->getName().starts_with("_ZTV");
}

bool is_called_on(const Value& object, const Value& function) {
  for (const User* user : function.users()) {
    const auto* call = dyn_cast<CallBase>(user);
    if (call == nullptr || call->getCalledOperand() != &function) continue;
    if (any_of(call->args(), [&](const Use& argument) { return argument.get() == &object; })) return true;
  }
  return false;
}

// Without optimisation a virtual call is load, constant index, load, call on the object. A pointer to a function pointer looks the same but
// for the object, and what it points to is a variable like any other.
bool leads_to_virtual_call(const LoadInst& load) {
  if (!load.getType()->isPointerTy()) return false;
  for (const User* user : load.users()) {
    const Value* slot = user;
    if (const auto* index = dyn_cast<GetElementPtrInst>(user); index != nullptr && index->hasAllConstantIndices()) {
      for (const User* of_slot : index->users()) {
        if (const auto* entry = dyn_cast<LoadInst>(of_slot); entry != nullptr && is_called_on(*load.getPointerOperand(), *entry)) return true;
      }
    } else if (const auto* entry = dyn_cast<LoadInst>(slot); entry != nullptr && entry->getPointerOperand() == &load && is_called_on(*load.getPointerOperand(), *entry)) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_vptr_access(const Instruction& i) {
  if (const MDNode* tag = i.getMetadata(LLVMContext::MD_tbaa)) return tag->isTBAAVtableAccess();
  if (const auto* store = dyn_cast<StoreInst>(&i)) return is_vtable(store->getValueOperand());
  if (const auto* load = dyn_cast<LoadInst>(&i)) return leads_to_virtual_call(*load);
  return false;
}

bool is_vtable_address(const Value& pointer) {
  const Value* base = pointer.stripInBoundsConstantOffsets();
  if (const auto* index = dyn_cast<GetElementPtrInst>(base)) base = index->getPointerOperand();
  const auto* load = dyn_cast<LoadInst>(base);
  return is_vtable(base) || (load != nullptr && is_vptr_access(*load));
}

}  // namespace ravel::instrument
