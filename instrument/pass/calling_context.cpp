#include "instrument/pass/calling_context.hpp"

#include <llvm/Support/xxhash.h>

#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

namespace {

// The same from build to build: of the module only the name counts, and of the function, the name.
std::uint64_t function_constant(const Function& f) {
  // Functions with external linkage have one name in the program whatever module they come from.
  const std::string module = f.hasLocalLinkage() ? f.getParent()->getSourceFileName() : std::string();
  return xxh3_64bits(module + '\0' + f.getName().str());
}

// What tells the calls of one function apart has 31 bits, so that one instruction adds it. Two paths through other functions differ in
// 64 bits.
std::uint64_t call_constant(std::uint64_t function, std::size_t ordinal) {
  return xxh3_64bits(std::to_string(function) + '\0' + std::to_string(ordinal)) >> 33;
}

// Ends the function, by an exception or the program, and runs none of the program's code first.
bool only_gives_up(const CallBase& call) {
  const Function* f = call.getCalledFunction();
  if (f == nullptr || !f->isDeclaration()) return false;
  const StringRef name = f->getName();
  return name == "__assert_fail" || name == "abort" || name == "__cxa_throw" || name == "__cxa_rethrow" || (name.starts_with("_ZSt") && name.contains("__throw_"));
}

}  // namespace

calling_context::calling_context(Function& f, abi& names, const call_facts& facts, ArrayRef<CallBase*> calls) : function_(f), abi_(names) {
  if (calls.empty()) return;
  kept_value();
  IRBuilder<> entry(cast<Instruction>(on_entry_)->getNextNode());
  entry.SetCurrentDebugLocation(DebugLoc());
  const std::uint64_t constant = function_constant(f);
  Value* scaled = entry.CreateAdd(entry.CreateMul(on_entry_, entry.getInt64(RAVEL_CONTEXT_FACTOR)), entry.getInt64(constant));

  std::size_t ordinal = 0;
  for (CallBase* call : calls) {
    IRBuilder<> b(call);
    const std::uint64_t of_call = call_constant(constant, ordinal++);
    if (only_gives_up(*call)) continue;
    abi_.store_context(b, facts.is_recursive(*call) ? on_entry_ : b.CreateAdd(scaled, b.getInt64(of_call)));
  }
  for (BasicBlock& block : f) {
    auto* ret = dyn_cast<ReturnInst>(block.getTerminator());
    if (ret == nullptr || block.getTerminatingMustTailCall() != nullptr) continue;
    IRBuilder<> b(ret);
    abi_.store_context(b, on_entry_);
  }
}

Value* calling_context::kept_value() {
  if (on_entry_ == nullptr) {
    IRBuilder<> entry(&*function_.getEntryBlock().getFirstNonPHIOrDbgOrAlloca());
    entry.SetCurrentDebugLocation(DebugLoc());
    on_entry_ = abi_.load_context(entry);
  }
  return on_entry_;
}

Value* calling_context::value(IRBuilder<>& b) { return on_entry_ != nullptr ? on_entry_ : abi_.load_context(b); }

}  // namespace ravel::instrument
