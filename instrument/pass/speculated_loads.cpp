#include "instrument/pass/speculated_loads.hpp"

#include <llvm/IR/Dominators.h>

#include "instrument/pass/sync_points.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

// The choice that this value's only use is an alternative of.
SelectInst* choice_of(const Instruction& value) {
  if (!value.hasOneUse()) return nullptr;
  auto* choice = const_cast<SelectInst*>(dyn_cast<SelectInst>(*value.user_begin()));
  if (choice == nullptr || choice->getCondition() == &value || !choice->getCondition()->getType()->isIntegerTy(1)) return nullptr;
  return choice;
}

// Where the check can go so that the condition is known: before the load, or later in its block while nothing may synchronise in between.
Instruction* place_after(const Value& condition, Instruction& load, const DominatorTree& dominators) {
  const auto* computed = dyn_cast<Instruction>(&condition);
  if (computed == nullptr || dominators.dominates(computed, &load)) return &load;
  if (computed->getParent() != load.getParent()) return nullptr;
  for (Instruction* i = load.getNextNode(); i != nullptr; i = i->getNextNode()) {
    if (i == computed) return isa<PHINode>(i) ? nullptr : i->getNextNode();
    if (may_synchronise(*i)) return nullptr;
  }
  return nullptr;
}

}  // namespace

bool is_only_chosen_from(const Instruction& load) { return isa<LoadInst>(load) && choice_of(load) != nullptr; }

void note_speculated_loads(Function& f, found_accesses& found) {
  if (none_of(found.plain, [](const access& a) { return is_only_chosen_from(*a.at); })) return;
  const DominatorTree dominators(f);
  for (access& a : found.plain) {
    if (!is_only_chosen_from(*a.at)) continue;
    const Instruction* value = a.at;
    // Choices among choices: the innermost must take the load, each outer one the inner.
    for (SelectInst* choice = choice_of(*value); choice != nullptr; value = choice, choice = choice_of(*value)) {
      Instruction* const place = place_after(*choice->getCondition(), *a.at, dominators);
      if (place == nullptr) break;
      if (a.said_at == nullptr) a.said_at = a.at;
      a.at = place;
      a.chosen_when.push_back({choice->getCondition(), choice->getTrueValue() == value});
    }
  }
}

}  // namespace ravel::instrument
