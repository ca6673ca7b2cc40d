#pragma once
// The value of __ravel_current that each inline check compares with, read from thread-local storage as seldom as is right.
//
// Invariants:
//   - A value read before a point that may synchronise is never used after it. Within a region the goroutine may begin a segment, in a
//     callee too; the value of before then names none or one of the same time, so comparing with it is right and at worst goes cold.
//   - A check that went cold may have begun a new segment, so each cold call is followed by refresh(): without it a loop that reads the
//     value once would go cold in every round. The same holds after a check by call, whose code is not worth a value kept: the value ends.
//   - Each read computes its own thread-local address: after a call the goroutine may be on another thread.
// Works on a variable in an alloca, which finish() turns into values.

#include <llvm/IR/Function.h>
#include <llvm/IR/IRBuilder.h>

#include "instrument/pass/abi.hpp"

namespace llvm {
class DominatorTree;
}

namespace ravel::instrument {

class current_segment {
 public:
  current_segment(llvm::Function& f, abi& names) : function_(f), abi_(names) {}

  llvm::Value* use(llvm::IRBuilder<>& b);
  void refresh(llvm::IRBuilder<>& b);

  // Call once, when the function has its final shape.
  void finish();

 private:
  struct block_facts {
    llvm::Instruction* exposed_use = nullptr;  // first use before any definition or synchronisation in the block
    bool known_at_end = false;                 // by what the block itself does
    bool open = true;                          // nothing of the above happens in it
  };

  llvm::AllocaInst* variable();
  block_facts facts(llvm::BasicBlock& block) const;
  llvm::StoreInst* define_before(llvm::Instruction* at);
  void hoist_into_preheaders(llvm::DominatorTree& dominators);

  llvm::Function& function_;
  abi& abi_;
  llvm::AllocaInst* variable_ = nullptr;
  llvm::SmallVector<llvm::LoadInst*, 16> reads_of_tls_;
};

}  // namespace ravel::instrument
