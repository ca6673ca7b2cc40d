#include "instrument/pass/calling_context.hpp"

#include <llvm/Support/xxhash.h>

#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

namespace {

// The same from build to build: of the module only the name counts, and of the function, the name and the ordinal of the call in it.
std::uint64_t call_site_constant(const Function& f, std::size_t ordinal) {
  // Functions with external linkage have one name in the program whatever module they come from.
  const std::string module = f.hasLocalLinkage() ? f.getParent()->getSourceFileName() : std::string();
  return xxh3_64bits(module + '\0' + f.getName().str() + '\0' + std::to_string(ordinal));
}

}  // namespace

calling_context::calling_context(Function& f, abi& names, const call_facts& facts, ArrayRef<CallBase*> calls) : abi_(names) {
  if (calls.empty()) return;
  IRBuilder<> entry(&*f.getEntryBlock().getFirstNonPHIOrDbgOrAlloca());
  entry.SetCurrentDebugLocation(DebugLoc());
  on_entry_ = abi_.load_context(entry);
  Value* scaled = entry.CreateMul(on_entry_, entry.getInt64(RAVEL_CONTEXT_FACTOR));

  std::size_t ordinal = 0;
  for (CallBase* call : calls) {
    IRBuilder<> b(call);
    const std::uint64_t constant = call_site_constant(f, ordinal++);
    abi_.store_context(b, facts.is_recursive(*call) ? on_entry_ : b.CreateAdd(scaled, b.getInt64(constant)));
  }
  for (BasicBlock& block : f) {
    auto* ret = dyn_cast<ReturnInst>(block.getTerminator());
    if (ret == nullptr || block.getTerminatingMustTailCall() != nullptr) continue;
    IRBuilder<> b(ret);
    abi_.store_context(b, on_entry_);
  }
}

Value* calling_context::value(IRBuilder<>& b) { return on_entry_ != nullptr ? on_entry_ : abi_.load_context(b); }

}  // namespace ravel::instrument
