#pragma once
// The calling context (a hash of the call path) that reports turn into exact stacks. A function reads it on entry, as C, sets it to
// C * RAVEL_CONTEXT_FACTOR + K before each call, K naming the call site, and sets it back to C when it returns: code that is not
// instrumented (qsort, Ravel's own loops) then calls back in the same context each time.
//
// A call within a cycle of the call graph leaves C as it is: every depth of a recursion would be a context of its own, and every path
// through a tree. The stack shown for such a context is the first that was met.
//
// Two by-products: a function that calls never ends in a tail call, so no frame is missing from stacks; a function that calls nothing
// does not read its context unless a check goes cold.

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/Function.h>

#include "instrument/pass/abi.hpp"
#include "instrument/pass/call_facts.hpp"

namespace ravel::instrument {

class calling_context {
 public:
  // `calls`: those that run code which may have accesses of its own.
  calling_context(llvm::Function& f, abi& names, const call_facts& facts, llvm::ArrayRef<llvm::CallBase*> calls);

  // The context of this function, for a check built by `b`.
  llvm::Value* value(llvm::IRBuilder<>& b);
  // The same, read on entry: where many checks need it.
  llvm::Value* kept_value();

 private:
  llvm::Function& function_;
  abi& abi_;
  llvm::Value* on_entry_ = nullptr;
};

}  // namespace ravel::instrument
