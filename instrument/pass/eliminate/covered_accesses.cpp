// Between two points where a goroutine may synchronise, all its accesses have the same place in happens-before. So of two accesses to the
// same bytes in one stretch of a block, every access elsewhere that races with the weaker also races with the stronger (a write conflicts
// with all that a read does). Checking the stronger, or of two equals the first, finds a race exactly when one exists, at the same
// address. The pair reported may be the write where the read alone would have been.

#include <llvm/ADT/DenseMap.h>

#include "instrument/pass/eliminate/eliminations.hpp"
#include "instrument/pass/sync_points.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

bool covers(const access& strong, const access& weak) { return strong.size >= weak.size && (strong.write || !weak.write); }

}  // namespace

void drop_covered_accesses(found_accesses& found) {
  // Accesses of one instruction are neighbours in `plain`, and all are in program order within their block.
  DenseMap<const Instruction*, SmallVector<std::size_t, 2>> by_instruction;
  SmallPtrSet<const BasicBlock*, 16> blocks;
  for (std::size_t i = 0; i < found.plain.size(); ++i) {
    by_instruction[found.plain[i].at].push_back(i);
    blocks.insert(found.plain[i].at->getParent());
  }
  SmallVector<bool, 64> dropped(found.plain.size(), false);
  for (const BasicBlock* block : blocks) {
    DenseMap<const Value*, SmallVector<std::size_t, 2>> kept;  // of the present stretch, by pointer
    for (const Instruction& i : *block) {
      if (const auto here = by_instruction.find(&i); here != by_instruction.end()) {
        for (const std::size_t n : here->second) {
          auto& same = kept[found.plain[n].pointer];
          if (any_of(same, [&](std::size_t k) { return covers(found.plain[k], found.plain[n]); })) {
            dropped[n] = true;
            continue;
          }
          erase_if(same, [&](std::size_t k) { return dropped[k] = covers(found.plain[n], found.plain[k]); });
          same.push_back(n);
        }
      }
      if (may_synchronise(i)) kept.clear();
    }
  }
  std::size_t n = 0;
  erase_if(found.plain, [&](const access&) { return dropped[n++]; });
}

}  // namespace ravel::instrument
