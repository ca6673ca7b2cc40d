#include "instrument/pass/short_loops.hpp"

#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Utils/LoopUtils.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include "instrument/pass/real_call.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

constexpr StringLiteral short_run = "ravel.short_run";
constexpr std::uint64_t most_instructions = 4'000'000;  // of a run without a safepoint: one or two milliseconds
constexpr std::size_t largest_body = 80;                // instructions; a test is nothing beside a larger one
constexpr unsigned budget = 8;                          // of instructions that count the rounds, in LLVM's measure

std::size_t size_of(const Loop& loop) {
  std::size_t n = 0;
  for (const BasicBlock* block : loop.blocks()) n += block->sizeWithoutDebug();
  return n;
}

bool only_computes(const Loop& loop) {
  return none_of(loop.blocks(), [](const BasicBlock* block) {
    return any_of(*block, [](const Instruction& i) { return is_real_call(i) || isa<InvokeInst>(i); });
  });
}

// At least the number of rounds after the first, as a value before the loop; null when that is not known or costs too much.
Value* count_rounds(Loop& loop, ScalarEvolution& evolution, const TargetTransformInfo& target, SCEVExpander& expander) {
  const SCEV* rounds = evolution.getBackedgeTakenCount(&loop);
  if (isa<SCEVCouldNotCompute>(rounds) || isa<SCEVConstant>(rounds) || !rounds->getType()->isIntegerTy()) return nullptr;
  // Dividing by the step costs more than a short loop; without it the bound is larger, which is as good.
  if (const auto* quotient = dyn_cast<SCEVUDivExpr>(rounds)) rounds = quotient->getLHS();
  Instruction* before = loop.getLoopPreheader()->getTerminator();
  if (!expander.isSafeToExpandAt(rounds, before) || expander.isHighCostExpansion(rounds, &loop, budget, &target, before)) return nullptr;
  return expander.expandCodeFor(rounds, rounds->getType(), before);
}

void split(Loop& loop, Value* rounds, std::uint64_t most, LoopInfo& loops, DominatorTree& dominators) {
  BasicBlock* choice = loop.getLoopPreheader();
  SmallVector<BasicBlock*, 4> exits;
  loop.getUniqueExitBlocks(exits);
  BasicBlock* before_short = SplitBlock(choice, choice->getTerminator(), &dominators, &loops);

  ValueToValueMapTy copies;
  SmallVector<BasicBlock*, 8> copied;
  Loop* long_run = cloneLoopWithPreheader(before_short, choice, &loop, copies, ".long", &loops, &dominators, copied);
  remapInstructionsInBlocks(copied, copies);

  IRBuilder<> b(choice->getTerminator());
  Value* is_long = b.CreateICmpUGT(rounds, ConstantInt::get(rounds->getType(), most));
  ReplaceInstWithInst(choice->getTerminator(), BranchInst::Create(long_run->getLoopPreheader(), before_short, is_long));
  for (BasicBlock* exit : exits) {
    for (PHINode& phi : exit->phis()) {
      for (unsigned i = 0, n = phi.getNumIncomingValues(); i < n; ++i) {
        const auto from = copies.find(phi.getIncomingBlock(i));
        if (from == copies.end()) continue;
        Value* value = phi.getIncomingValue(i);
        if (const auto copy = copies.find(value); copy != copies.end()) value = copy->second;
        phi.addIncoming(value, cast<BasicBlock>(from->second));
      }
    }
  }
  for (BasicBlock* latch : [&] { SmallVector<BasicBlock*, 4> l; loop.getLoopLatches(l); return l; }()) {
    latch->getTerminator()->setMetadata(short_run, MDNode::get(latch->getContext(), {}));
  }
}

}  // namespace

bool is_tight(const Loop& loop) { return size_of(loop) <= largest_body && only_computes(loop); }

bool is_short_run(const Instruction& latch_terminator) { return latch_terminator.hasMetadata(short_run); }

void split_off_short_runs(Function& f, FunctionAnalysisManager& analyses) {
  if (f.hasOptNone() || f.hasOptSize()) return;
  auto& loops = analyses.getResult<LoopAnalysis>(f);
  auto& dominators = analyses.getResult<DominatorTreeAnalysis>(f);
  auto& evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
  const auto& target = analyses.getResult<TargetIRAnalysis>(f);
  for (Loop* loop : loops.getLoopsInPreorder()) {
    const std::size_t size = size_of(*loop);
    if (!loop->isInnermost() || !is_tight(*loop) || !loop->isSafeToClone()) continue;
    // The last passes before have merged preheaders and exits where they could.
    simplifyLoop(loop, &dominators, &loops, &evolution, &analyses.getResult<AssumptionAnalysis>(f), nullptr, false);
    if (!loop->isLoopSimplifyForm()) continue;
    const std::uint64_t most = most_instructions / size;
    if (const unsigned rounds = evolution.getSmallConstantMaxTripCount(loop); rounds != 0 && rounds <= most) continue;
    SCEVExpander expander(evolution, f.getDataLayout(), "rounds");
    SCEVExpanderCleaner unless_used(expander);
    Value* rounds = count_rounds(*loop, evolution, target, expander);
    if (rounds == nullptr || rounds->getType()->getIntegerBitWidth() <= 16) continue;
    unless_used.markResultUsed();
    formLCSSA(*loop, dominators, &loops, &evolution);
    split(*loop, rounds, most, loops, dominators);
  }
  analyses.invalidate(f, PreservedAnalyses::none());
}

}  // namespace ravel::instrument
