#include "instrument/pass/check_form.hpp"

#include <llvm/Analysis/BlockFrequencyInfo.h>
#include <llvm/Analysis/BranchProbabilityInfo.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/Support/CommandLine.h>

#include "instrument/pass/short_loops.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

enum class form { all, loops, none };
cl::opt<form> inline_checks("ravel-inline-checks", cl::init(form::loops), cl::desc("Which checks are inline:"),
                            cl::values(clEnumValN(form::all, "all", "all"), clEnumValN(form::loops, "loops", "those in loops"), clEnumValN(form::none, "none", "none")));

}  // namespace

void choose_forms(Function& f, found_accesses& found) {
  if (inline_checks == form::all) return;
  for (access& a : found.plain) a.by_call = true;
  if (inline_checks == form::none) return;
  DominatorTree dominators(f);
  const LoopInfo loops(dominators);
  if (loops.empty()) return;
  const BranchProbabilityInfo branches(f, loops);
  const BlockFrequencyInfo frequencies(f, branches, loops);
  const BlockFrequency once = frequencies.getBlockFreq(&f.getEntryBlock());
  DenseMap<const Loop*, bool> known;
  const auto is_worth_it = [&](const Loop* loop) {
    const auto [entry, is_new] = known.try_emplace(loop, false);
    if (is_new) entry->second = loop->isInnermost() && is_tight(*loop);
    return entry->second;
  };
  // What a loop does rarely, such as throwing, is no more frequent than what is done once.
  for (access& a : found.plain) {
    const BasicBlock* block = a.at->getParent();
    const Loop* loop = loops.getLoopFor(block);
    a.by_call = loop == nullptr || frequencies.getBlockFreq(block) <= once || !is_worth_it(loop);
  }
}

}  // namespace ravel::instrument
