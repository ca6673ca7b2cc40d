#include "instrument/pass/call_facts.hpp"

#include <llvm/ADT/SCCIterator.h>
#include <llvm/Analysis/CallGraph.h>
#include <llvm/IR/InstIterator.h>

#include "instrument/pass/eliminate/eliminations.hpp"
#include "instrument/pass/libc_calls.hpp"
#include "instrument/pass/skip_functions.hpp"
#include "instrument/pass/sync_points.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

constexpr StringLiteral keeps_region_attribute = "ravel-keeps-region";

// Library functions that touch nothing but what their arguments lead to, or throw. Not operator new: a program may replace
// it by one that locks.
bool is_known_library_function(const Function& f) {
  if (!f.isDeclaration()) return false;
  const StringRef name = f.getName();
  for (const StringRef known : {"malloc", "free", "calloc", "realloc", "__cxa_throw", "__cxa_rethrow", "__cxa_allocate_exception", "__cxa_begin_catch",
                                "__cxa_end_catch", "_Unwind_Resume", "abort", "_ZSt9terminatev"}) {
    if (name == known) return true;
  }
  return (name.starts_with("_ZSt") && name.contains("__throw_")) ||
         name.contains("_Rb_tree_increment") || name.contains("_Rb_tree_decrement") || name.contains("_Rb_tree_insert_and_rebalance") ||
         name.contains("_Rb_tree_rebalance_for_erase") || name.contains("_Prime_rehash_policy");
}

// Apart from calls within `cycle`, is there nothing here that may synchronise?
bool body_keeps_region(const Function& f, ArrayRef<CallGraphNode*> cycle) {
  // An inline function that the linker may take from elsewhere comes from the same source there.
  if (f.isDeclaration() || f.isInterposable() || is_skipped(f) || f.hasFnAttribute(Attribute::DisableSanitizerInstrumentation)) return false;
  return all_of(instructions(f), [&](const Instruction& i) {
    if (!may_synchronise(i)) return true;
    const auto* call = dyn_cast<CallBase>(&i);
    const Function* callee = call == nullptr ? nullptr : call->getCalledFunction();
    return callee != nullptr && !callee->isDeclaration() && any_of(cycle, [&](const CallGraphNode* n) { return n->getFunction() == callee; });
  });
}

}  // namespace

call_facts::call_facts(Module& m) {
  CallGraph graph(m);
  unsigned number = 0;
  for (auto cycle = scc_begin(&graph); !cycle.isAtEnd(); ++cycle) {
    ++number;
    const auto functions = make_filter_range(*cycle, [](const CallGraphNode* n) { return n->getFunction() != nullptr; });
    if (cycle.hasCycle()) {
      for (const CallGraphNode* n : functions) cycle_[n->getFunction()] = number;
    }
    if (!is_on("region_keeping_calls")) continue;
    const ArrayRef<CallGraphNode*> all(*cycle);
    if (!all_of(*cycle, [&](const CallGraphNode* n) { return n->getFunction() != nullptr && body_keeps_region(*n->getFunction(), all); })) continue;
    for (const CallGraphNode* n : functions) n->getFunction()->addFnAttr(keeps_region_attribute);
  }
}

bool call_facts::is_recursive(const CallBase& call) const {
  const Function* callee = call.getCalledFunction();
  if (callee == nullptr) return false;
  const auto to = cycle_.find(callee), from = cycle_.find(call.getFunction());
  return to != cycle_.end() && from != cycle_.end() && to->second == from->second;
}

bool keeps_region(const CallBase& call) {
  const Function* f = call.getCalledFunction();
  if (f == nullptr || !is_on("region_keeping_calls")) return false;
  if (f->hasFnAttribute(keeps_region_attribute) || is_known_library_function(*f)) return true;
  const auto* plain = dyn_cast<CallInst>(&call);
  return plain != nullptr && has_libc_stand_in(*plain);
}

}  // namespace ravel::instrument
