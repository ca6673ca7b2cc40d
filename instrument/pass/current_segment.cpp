#include "instrument/pass/current_segment.hpp"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

#include "instrument/pass/sync_points.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

bool ends_value(const Instruction& i) { return may_synchronise(i) || abi::is_check_by_call(i); }

}  // namespace

AllocaInst* current_segment::variable() {
  if (variable_ == nullptr) {
    BasicBlock& entry = function_.getEntryBlock();
    IRBuilder<> b(&entry, entry.begin());
    variable_ = b.CreateAlloca(b.getInt64Ty(), nullptr, "current_segment");
  }
  return variable_;
}

Value* current_segment::use(IRBuilder<>& b) { return b.CreateLoad(b.getInt64Ty(), variable()); }

void current_segment::refresh(IRBuilder<>& b) {
  Value* value = abi_.load_current(b);
  reads_of_tls_.push_back(cast<LoadInst>(value));
  b.CreateStore(value, variable());
}

StoreInst* current_segment::define_before(Instruction* at) {
  IRBuilder<> b(at);
  refresh(b);
  return cast<StoreInst>(at->getPrevNode());
}

current_segment::block_facts current_segment::facts(BasicBlock& block) const {
  block_facts f;
  for (Instruction& i : block) {
    if (ends_value(i)) {
      f.open = f.known_at_end = false;
    } else if (const auto* store = dyn_cast<StoreInst>(&i); store != nullptr && store->getPointerOperand() == variable_) {
      f.open = false;
      f.known_at_end = true;
    } else if (auto* load = dyn_cast<LoadInst>(&i); load != nullptr && load->getPointerOperand() == variable_) {
      if (f.open) f.exposed_use = load;
      // A later use of the block that follows a synchronisation is given its own definition here and now.
      if (!f.open && !f.known_at_end) const_cast<current_segment*>(this)->define_before(load);
      f.open = false;
      f.known_at_end = true;
    }
  }
  return f;
}

void current_segment::hoist_into_preheaders(DominatorTree& dominators) {
  LoopInfo loops(dominators);
  DenseMap<const Loop*, bool> synchronises;
  const auto loop_synchronises = [&](const Loop* loop) {
    const auto [entry, is_new] = synchronises.try_emplace(loop, false);
    if (is_new) {
      for (const BasicBlock* block : loop->blocks()) {
        if (any_of(*block, [](const Instruction& i) { return ends_value(i); })) {
          entry->second = true;
          break;
        }
      }
    }
    return entry->second;
  };

  SmallPtrSet<const Loop*, 8> chosen;
  for (User* user : SmallVector<User*, 16>(variable_->users())) {
    const auto* load = dyn_cast<LoadInst>(user);
    if (load == nullptr) continue;
    const Loop* best = nullptr;
    for (const Loop* l = loops.getLoopFor(load->getParent()); l != nullptr && !loop_synchronises(l); l = l->getParentLoop()) {
      if (l->getLoopPreheader() != nullptr) best = l;
    }
    if (best != nullptr && chosen.insert(best).second) define_before(best->getLoopPreheader()->getTerminator());
  }
}

void current_segment::finish() {
  if (variable_ == nullptr) return;
  DominatorTree dominators(function_);
  hoist_into_preheaders(dominators);

  DenseMap<const BasicBlock*, block_facts> of;
  DenseMap<const BasicBlock*, bool> known_at_end;
  ReversePostOrderTraversal<Function*> order(&function_);
  for (BasicBlock* block : order) {
    of[block] = facts(*block);
    known_at_end[block] = true;
  }
  const auto known_at_start = [&](const BasicBlock* block) {
    if (block->isEntryBlock()) return false;
    return all_of(predecessors(block), [&](const BasicBlock* p) { return !of.contains(p) || known_at_end[p]; });
  };
  // Greatest fixed point: a value is known where it is on all paths. A block that uses it knows it afterwards, since it is defined there
  // at the latest.
  for (bool changed = true; changed;) {
    changed = false;
    for (const BasicBlock* block : order) {
      const block_facts& f = of[block];
      const bool known = f.open ? known_at_start(block) : f.known_at_end;
      changed |= known_at_end[block] != known;
      known_at_end[block] = known;
    }
  }
  for (BasicBlock* block : order) {
    if (Instruction* use = of[block].exposed_use; use != nullptr && !known_at_start(block)) define_before(use);
  }

  PromoteMemToReg({variable_}, dominators);
  for (LoadInst* read : reads_of_tls_) {
    if (!read->use_empty()) continue;
    auto* address = cast<Instruction>(read->getPointerOperand());
    read->eraseFromParent();
    if (address->use_empty()) address->eraseFromParent();
  }
}

}  // namespace ravel::instrument
