#include "instrument/pass/insert_safepoints.hpp"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

#include "instrument/pass/abi.hpp"
#include "instrument/pass/short_loops.hpp"
#include "instrument/pass/skip_functions.hpp"
#include "instrument/pass/thread_locks.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

constexpr std::uint64_t few_rounds = 4096;  // microseconds; a slice is ten milliseconds

bool has_safepoints(const Function& f) {
  return !f.isDeclaration() && !f.hasAvailableExternallyLinkage() && !is_skipped(f) && !f.hasFnAttribute(Attribute::Naked) &&
         !f.hasFnAttribute(Attribute::DisableSanitizerInstrumentation) && !abi::is_entry_point(f.getName());
}

// May the call lead back into the function that makes it?
bool may_call_back(const CallBase& call) {
  if (isa<IntrinsicInst>(call) || call.isInlineAsm() || call.hasFnAttr(Attribute::NoCallback)) return false;
  const Function* callee = call.getCalledFunction();
  return callee == nullptr || !(callee->doesNotRecurse() || callee->isIntrinsic() || abi::is_entry_point(callee->getName()));
}

// std::call_once leaves what to run in a variable of the thread, then calls one of these.
bool is_wrapper_of_thread_function(const Function& f) { return f.getName().contains("__gthread_"); }

bool tests_at_entry(const Function& f) {
  if (!has_safepoints(f) || f.doesNotRecurse() || is_wrapper_of_thread_function(f)) return false;
  return any_of(f, [](const BasicBlock& block) {
    return any_of(block, [](const Instruction& i) {
      const auto* call = dyn_cast<CallBase>(&i);
      return call != nullptr && may_call_back(*call);
    });
  });
}

class loop_chooser {
 public:
  loop_chooser(DominatorTree& dominators, ScalarEvolution& evolution) : dominators_(dominators), evolution_(evolution) {}

  // Rounds of the loop times those of its unchecked inner ones; saturates above few_rounds. Adds the latches to check.
  std::uint64_t choose(Loop& loop, SmallVectorImpl<BasicBlock*>& latches) {
    std::uint64_t inner = 1;
    for (Loop* l : loop) inner = std::max(inner, choose(*l, latches));
    const std::uint64_t rounds = evolution_.getSmallConstantMaxTripCount(&loop);
    if (rounds != 0 && rounds <= few_rounds && rounds * inner <= few_rounds) return rounds * inner;
    SmallVector<BasicBlock*, 4> of_loop;
    loop.getLoopLatches(of_loop);
    const bool is_short = all_of(of_loop, [](const BasicBlock* latch) { return is_short_run(*latch->getTerminator()); });
    if (!is_short && !tests_in_each_round(loop)) {
      latches.append(of_loop.begin(), of_loop.end());
    }
    return 1;
  }

 private:
  bool tests_in_each_round(const Loop& loop) const {
    SmallVector<BasicBlock*, 4> latches;
    loop.getLoopLatches(latches);
    for (const BasicBlock* block : loop.blocks()) {
      if (!all_of(latches, [&](const BasicBlock* latch) { return dominators_.dominates(block, latch); })) continue;
      for (const Instruction& i : *block) {
        const auto* call = dyn_cast<CallBase>(&i);
        if (call != nullptr && call->getCalledFunction() != nullptr && tests_at_entry(*call->getCalledFunction())) return true;
      }
    }
    return false;
  }

  DominatorTree& dominators_;
  ScalarEvolution& evolution_;
};

void test_before(Instruction* at, abi& names) {
  IRBuilder<> b(at);
  Value* asked = b.CreateICmpNE(names.load_yield_request(b), b.getInt32(0));
  Instruction* then = SplitBlockAndInsertIfThen(asked, at, false, MDBuilder(at->getContext()).createUnlikelyBranchWeights());
  IRBuilder<> slow(then);
  slow.SetCurrentDebugLocation(at->getDebugLoc());
  names.call(slow, names.entry_point("__ravel_safepoint"), {});
}

// In a tight loop even the test is much: a counter in a register leaves it to every 256th round.
void test_now_and_then(BasicBlock* latch, AllocaInst* counter, abi& names) {
  constexpr std::uint32_t rounds = 256;
  IRBuilder<> b(latch->getTerminator());
  Value* left = b.CreateSub(b.CreateLoad(b.getInt32Ty(), counter), b.getInt32(1));
  b.CreateStore(left, counter);
  Instruction* then = SplitBlockAndInsertIfThen(b.CreateICmpEQ(left, b.getInt32(0)), latch->getTerminator(), false,
                                                MDBuilder(latch->getContext()).createUnlikelyBranchWeights());
  IRBuilder<>(then).CreateStore(ConstantInt::get(Type::getInt32Ty(latch->getContext()), rounds), counter);
  test_before(then, names);
}

AllocaInst* new_counter(Function& f) {
  IRBuilder<> b(&f.getEntryBlock(), f.getEntryBlock().begin());
  AllocaInst* counter = b.CreateAlloca(b.getInt32Ty(), nullptr, "rounds_to_test");
  b.SetInsertPoint(&*f.getEntryBlock().getFirstNonPHIOrDbgOrAlloca());
  b.CreateStore(b.getInt32(256), counter);
  return counter;
}

// The function now reads memory of other threads', and others may run before it goes on.
void forget_conclusions(Function& f) {
  f.removeFnAttr(Attribute::Memory);
  f.removeFnAttr(Attribute::NoSync);
  f.removeFnAttr(Attribute::Speculatable);
  f.removeFnAttr(Attribute::WillReturn);
}

}  // namespace

PreservedAnalyses insert_safepoints::run(Module& m, ModuleAnalysisManager& analyses) {
  abi names(m);
  auto& of_functions = analyses.getResult<FunctionAnalysisManagerModuleProxy>(m).getManager();
  struct plan {
    Function* f;
    bool entry;
    SmallVector<BasicBlock*, 8> latches;
    SmallPtrSet<BasicBlock*, 8> tight;
  };
  // All decisions first: the calls inserted by one would change those of the next.
  std::vector<plan> plans;
  for (Function& f : m) {
    if (!has_safepoints(f)) continue;
    if (splits_short_runs_) split_off_short_runs(f, of_functions);
    plan p{&f, tests_at_entry(f), {}, {}};
    loop_chooser chooser(of_functions.getResult<DominatorTreeAnalysis>(f), of_functions.getResult<ScalarEvolutionAnalysis>(f));
    for (Loop* l : of_functions.getResult<LoopAnalysis>(f)) chooser.choose(*l, p.latches);
    for (BasicBlock* latch : p.latches) {
      const Loop* loop = of_functions.getResult<LoopAnalysis>(f).getLoopFor(latch);
      if (splits_short_runs_ && loop->isInnermost() && is_tight(*loop)) p.tight.insert(latch);
    }
    if (p.entry || !p.latches.empty()) plans.push_back(std::move(p));
  }
  for (plan& p : plans) {
    forget_conclusions(*p.f);
    SmallPtrSet<BasicBlock*, 8> done;
    for (BasicBlock* latch : p.latches) {
      if (!done.insert(latch).second) continue;
      if (!p.tight.contains(latch)) {
        test_before(latch->getTerminator(), names);
        continue;
      }
      AllocaInst* counter = new_counter(*p.f);
      test_now_and_then(latch, counter, names);
      DominatorTree dominators(*p.f);
      PromoteMemToReg({counter}, dominators);
    }
    if (p.entry) test_before(&*p.f->getEntryBlock().getFirstNonPHIOrDbgOrAlloca(), names);
  }
  const bool counts = count_thread_locks(m, names);
  return plans.empty() && !counts ? PreservedAnalyses::all() : PreservedAnalyses::none();
}

}  // namespace ravel::instrument
