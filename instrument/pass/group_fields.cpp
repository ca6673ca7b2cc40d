// Proof. The accesses of a group are in one block, and between the first and the last nothing may synchronise and everything goes on to the
// next instruction: when the first is made all are, in one region, so that all may be checked where the first is. Their addresses are the
// first one's and a constant. A group is of writes or of reads: where others may go between two accesses (a controlled run), they may not
// within a group, and there what matters most is that reads and writes keep their order.

#include "instrument/pass/group_fields.hpp"

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/PointerIntPair.h>
#include <llvm/ADT/SetVector.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Module.h>

#include "instrument/pass/eliminate/eliminations.hpp"
#include "instrument/pass/sync_points.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

constexpr std::int64_t farthest = 1 << 20;  // distances have 24 bits

bool may_join(const access& a) { return a.by_call && a.chosen_when.empty() && a.said_at == nullptr && a.size <= 8 && isPowerOf2_64(a.size); }

class grouping {
 public:
  explicit grouping(found_accesses& found) : found_(found), layout_(found.plain.front().at->getModule()->getDataLayout()) {
    DenseMap<const Instruction*, SmallVector<std::size_t, 2>> by_instruction;
    SetVector<BasicBlock*> blocks;
    for (std::size_t n = 0; n < found.plain.size(); ++n) {
      if (!may_join(found.plain[n])) continue;
      by_instruction[found.plain[n].at].push_back(n);
      blocks.insert(found.plain[n].at->getParent());
    }
    for (BasicBlock* block : blocks) {
      for (Instruction& i : *block) {
        if (const auto here = by_instruction.find(&i); here != by_instruction.end()) {
          for (const std::size_t n : here->second) add(n);
        }
        if (may_synchronise(i) || !isGuaranteedToTransferExecutionToSuccessor(&i)) close();
      }
      close();
    }
    std::size_t n = 0;
    erase_if(found.plain, [&](const access&) { return grouped_.contains(n++); });
  }

 private:
  struct open_group { std::int64_t first; SmallVector<std::size_t, 4> members; SmallVector<std::int32_t, 4> distances; };

  void add(std::size_t n) {
    const access& a = found_.plain[n];
    APInt offset(64, 0);
    const Value* base = a.pointer->stripAndAccumulateConstantOffsets(layout_, offset, true);
    const std::int64_t at = offset.getSExtValue();
    const auto [entry, is_new] = open_.insert({PointerIntPair<const Value*, 1, bool>(base, a.write), open_group{at, {}, {}}});
    open_group& g = entry->second;
    if (std::abs(at - g.first) > farthest) return;
    g.members.push_back(n);
    g.distances.push_back(static_cast<std::int32_t>(at - g.first));
  }

  void close() {
    for (const auto& [key, g] : open_) {
      if (g.members.size() < 2) continue;
      access_group& whole = found_.fields.emplace_back();
      whole.distances = g.distances;
      for (const std::size_t n : g.members) {
        whole.members.push_back(found_.plain[n]);
        grouped_.insert(n);
      }
    }
    open_.clear();
  }

  found_accesses& found_;
  const DataLayout& layout_;
  MapVector<PointerIntPair<const Value*, 1, bool>, open_group> open_;
  DenseSet<std::size_t> grouped_;
};

}  // namespace

void group_fields(found_accesses& found) {
  if (!found.plain.empty() && is_on("grouped_fields")) grouping of_function(found);
}

}  // namespace ravel::instrument
