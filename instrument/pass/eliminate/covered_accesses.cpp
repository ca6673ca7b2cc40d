// Between two points where a goroutine may synchronise, all its accesses have the same place in happens-before. So of two accesses to the
// same bytes in one such region, every access elsewhere that races with the weaker also races with the stronger (a write conflicts with
// all that a read does). Checking the stronger, or of two equals the first, finds a race exactly when one exists, at the same address. The
// pair reported may be the write where the read alone would have been.
//
//   backwards, within a block: a read is left out when a write of its bytes surely follows: nothing in between ends the block, and calls that
//     might not come back end the search.
//   forwards, over the whole function: an access is left out when on every path to it, since the last point that may synchronise, an
//     access at least as strong of at least its bytes was checked. It does not matter whether that one was left out itself: then another
//     checked the bytes before it.
// Bytes are a base, one SSA value, and a constant distance from it. Where a base gets a new value, in a loop, what was known of it ends.

#include <llvm/ADT/BitVector.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Module.h>

#include "instrument/pass/eliminate/eliminations.hpp"
#include "instrument/pass/sync_points.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

struct bytes {
  const Value* base;
  std::int64_t first, last;  // [first, last) from base
};

bytes bytes_of(const access& a, const DataLayout& layout) {
  APInt offset(64, 0);
  const Value* base = a.pointer->stripAndAccumulateConstantOffsets(layout, offset, true);
  const std::int64_t first = offset.getSExtValue();
  return {base, first, first + static_cast<std::int64_t>(a.size)};
}

// Functions above this many accesses times blocks are looked at block by block only: code made by machines.
constexpr std::size_t largest_flow = 64u << 20;

class coverage {
 public:
  explicit coverage(found_accesses& found) : found_(found), count_(found.plain.size()), dropped_(count_, false) {
    if (count_ == 0) return;
    Function& f = *found.plain.front().at->getFunction();
    const DataLayout& layout = f.getParent()->getDataLayout();
    for (std::size_t i = 0; i < count_; ++i) {
      where_.push_back(bytes_of(found.plain[i], layout));
      by_instruction_[found.plain[i].at].push_back(i);
      by_base_[where_[i].base].push_back(i);
    }
    for (BasicBlock& block : f) backwards(block);
    forwards(f);
    std::size_t n = 0;
    erase_if(found.plain, [&](const access&) { return dropped_[n++]; });
  }

 private:
  bool covers(std::size_t strong, std::size_t weak) const {
    const bytes &s = where_[strong], &w = where_[weak];
    return found_.plain[strong].chosen_when.empty() && s.base == w.base && s.first <= w.first && w.last <= s.last && (found_.plain[strong].write || !found_.plain[weak].write);
  }

  void backwards(BasicBlock& block) {
    SmallVector<std::size_t, 16> following;  // writes
    for (Instruction& i : reverse(block)) {
      if (may_synchronise(i) || !isGuaranteedToTransferExecutionToSuccessor(&i)) following.clear();
      if (const auto here = by_instruction_.find(&i); here != by_instruction_.end()) {
        for (const std::size_t n : reverse(here->second)) {
          if (!found_.plain[n].write) dropped_[n] = any_of(following, [&](std::size_t k) { return covers(k, n); });
          else following.push_back(n);
        }
      }
      // Above the definition of its base a pointer does not exist, or is that of another round.
      if (by_base_.contains(&i)) erase_if(following, [&](std::size_t k) { return where_[k].base == &i; });
    }
  }

  // Goes through the block with what is covered at its start; drops what is, or only computes what is covered at its end.
  void walk(BasicBlock& block, BitVector& covered, bool drop) {
    for (Instruction& i : block) {
      if (const auto defines = by_base_.find(&i); defines != by_base_.end()) {
        for (const std::size_t n : defines->second) covered.reset(static_cast<unsigned>(n));
      }
      if (const auto here = by_instruction_.find(&i); here != by_instruction_.end()) {
        for (const std::size_t n : here->second) {
          if (drop && !dropped_[n]) {
            dropped_[n] = any_of(by_base_[where_[n].base], [&](std::size_t k) { return covered.test(static_cast<unsigned>(k)) && covers(k, n); });
          }
          covered.set(static_cast<unsigned>(n));
        }
      }
      if (may_synchronise(i)) covered.reset();
    }
  }

  void forwards(Function& f) {
    const auto size = static_cast<unsigned>(count_);
    if (count_ * f.size() > largest_flow) {
      for (BasicBlock& block : f) {
        BitVector covered(size);
        walk(block, covered, true);
      }
      return;
    }
    // Greatest fixed point: covered on all paths.
    DenseMap<const BasicBlock*, BitVector> at_end;
    ReversePostOrderTraversal<Function*> order(&f);
    for (BasicBlock* block : order) at_end[block] = BitVector(size, true);
    const auto at_start = [&](BasicBlock* block) {
      BitVector covered(size, !block->isEntryBlock());
      for (BasicBlock* p : predecessors(block)) {
        if (const auto end = at_end.find(p); end != at_end.end()) covered &= end->second;
      }
      return covered;
    };
    for (bool changed = true; changed;) {
      changed = false;
      for (BasicBlock* block : order) {
        BitVector covered = at_start(block);
        walk(*block, covered, false);
        BitVector& end = at_end[block];
        changed |= end != covered;
        end = std::move(covered);
      }
    }
    for (BasicBlock* block : order) {
      BitVector covered = at_start(block);
      walk(*block, covered, true);
    }
  }

  found_accesses& found_;
  const std::size_t count_;
  SmallVector<bool, 64> dropped_;
  SmallVector<bytes, 64> where_;
  DenseMap<const Instruction*, SmallVector<std::size_t, 2>> by_instruction_;
  DenseMap<const Value*, SmallVector<std::size_t, 2>> by_base_;
};

}  // namespace

void drop_covered_accesses(found_accesses& found) { coverage of_function(found); }

}  // namespace ravel::instrument
