// Proof. A check may stand before the loop when the access is sure to happen, in the same region, at every address of the run:
//   - the loop is left from its latch alone, after a number of rounds known before it; each round gets from header to latch (nothing in it
//     throws, waits or ends the program), and the access is on every way there;
//   - nothing in the loop may synchronise, so the place before it is of the same region;
//   - from round to round the address grows or falls by exactly the bytes that the accesses of one round touch next to each other.
// The same holds from an inner loop's run to an outer loop, whose step must be the length of the run, or 0.
// The addresses are those that the program goes on to use, so the run cannot wrap around.

#include "instrument/pass/merge_loop_checks.hpp"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include "instrument/pass/access_finder.hpp"
#include "instrument/pass/eliminate/eliminations.hpp"
#include "instrument/pass/skip_functions.hpp"
#include "instrument/pass/speculated_loads.hpp"
#include "instrument/pass/sync_points.hpp"
#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

namespace {

constexpr StringLiteral mark_domain = "ravel.checked";
// Below this a call costs more than the inline checks it replaces.
constexpr std::uint64_t shortest_run = 64;

struct run {
  const SCEV* start;
  const SCEV* size;      // bytes
  Loop* loop;            // checked before it
  Instruction* first;    // the access that names the run
  std::uint64_t element;
};

class merger {
 public:
  merger(Function& f, FunctionAnalysisManager& analyses)
      : function_(f), loops_(analyses.getResult<LoopAnalysis>(f)), dominators_(analyses.getResult<DominatorTreeAnalysis>(f)),
        evolution_(analyses.getResult<ScalarEvolutionAnalysis>(f)), expander_(evolution_, f.getParent()->getDataLayout(), "ravel.run") {}

  bool merge() {
    found_accesses found = find_accesses(function_);
    drop_unshared(found);
    for (const access& a : found.plain) consider(a);
    bool any = false;
    for (group& g : groups_) any |= merge_group(g);
    return any;
  }

 private:
  struct member { const access* what; const SCEVAddRecExpr* address; std::int64_t offset; };
  struct group {
    Loop* loop;
    std::int64_t step;
    const SCEVAddRecExpr* origin;  // that offsets count from
    SmallVector<member, 4> writes, reads;
  };

  bool has_known_rounds(Loop* loop) {
    const auto [entry, is_new] = known_rounds_.try_emplace(loop, false);
    if (!is_new) return entry->second;
    BasicBlock* const latch = loop->getLoopLatch();
    if (loop->getLoopPreheader() == nullptr || latch == nullptr || loop->getExitingBlock() != latch) return false;
    if (isa<SCEVCouldNotCompute>(evolution_.getBackedgeTakenCount(loop))) return false;
    for (const BasicBlock* block : loop->blocks()) {
      for (const Instruction& i : *block) {
        if (may_synchronise(i) || !isGuaranteedToTransferExecutionToSuccessor(&i)) return false;
      }
    }
    return known_rounds_[loop] = true;
  }

  void consider(const access& a) {
    if ((!isa<LoadInst>(a.at) && !isa<StoreInst>(a.at)) || a.vptr || is_only_chosen_from(*a.at)) return;
    Loop* const loop = loops_.getLoopFor(a.at->getParent());
    if (loop == nullptr || !has_known_rounds(loop) || !dominators_.dominates(a.at->getParent(), loop->getLoopLatch())) return;
    const auto* address = dyn_cast<SCEVAddRecExpr>(evolution_.getSCEV(a.pointer));
    if (address == nullptr || address->getLoop() != loop || !address->isAffine()) return;
    const auto* step = dyn_cast<SCEVConstant>(address->getStepRecurrence(evolution_));
    if (step == nullptr) return;
    // Accesses whose addresses are a constant apart go together.
    for (group& g : groups_) {
      if (g.loop != loop || g.step != step->getAPInt().getSExtValue()) continue;
      const auto* distance = dyn_cast<SCEVConstant>(evolution_.getMinusSCEV(address, g.origin));
      if (distance == nullptr) continue;
      (a.write ? g.writes : g.reads).push_back({&a, address, distance->getAPInt().getSExtValue()});
      return;
    }
    group& g = groups_.emplace_back(group{loop, step->getAPInt().getSExtValue(), address, {}, {}});
    (a.write ? g.writes : g.reads).push_back({&a, address, 0});
  }

  // The bytes that one round touches from the lowest on without a gap; ends where the members do, or nothing.
  static std::int64_t end_without_gap(SmallVectorImpl<member>& members) {
    llvm::sort(members, [](const member& a, const member& b) { return a.offset < b.offset; });
    std::int64_t end = members.front().offset;
    for (const member& m : members) {
      if (m.offset > end) return members.front().offset;
      end = std::max(end, m.offset + static_cast<std::int64_t>(m.what->size));
    }
    return end;
  }

  bool merge_group(group& g) {
    const bool written = !g.writes.empty() && merge_run(g.writes, g.step, true);
    if (g.reads.empty()) return written;
    if (written) {
      // Both are in every round: the check of the write is one of the read too.
      const std::int64_t first = g.writes.front().offset, end = end_without_gap(g.writes);
      const auto covered = [&](const member& m) { return m.offset >= first && m.offset + static_cast<std::int64_t>(m.what->size) <= end; };
      if (all_of(g.reads, covered)) {
        for (const member& m : g.reads) mark(*m.what->at);
        return true;
      }
    }
    return merge_run(g.reads, g.step, false) || written;
  }

  bool merge_run(SmallVectorImpl<member>& members, std::int64_t step, bool write) {
    const std::int64_t length = end_without_gap(members) - members.front().offset;
    if (length != std::abs(step)) return false;
    const member& lowest = members.front();

    Loop* loop = const_cast<Loop*>(lowest.address->getLoop());
    Type* const i64 = Type::getInt64Ty(function_.getContext());
    const SCEV* const again = evolution_.getBackedgeTakenCount(loop);
    if (evolution_.getTypeSizeInBits(again->getType()) > 64) return false;
    // Falling, the run begins where the last round is.
    const SCEV* const start =
        step > 0 ? lowest.address->getStart()
                 : lowest.address->evaluateAtIteration(evolution_.getNoopOrZeroExtend(again, evolution_.getEffectiveSCEVType(lowest.address->getType())), evolution_);
    const SCEV* const rounds = evolution_.getAddExpr(evolution_.getNoopOrZeroExtend(again, i64), evolution_.getOne(i64));
    run r{start, evolution_.getMulExpr(rounds, evolution_.getConstant(i64, static_cast<std::uint64_t>(length))), loop, lowest.what->at, lowest.what->size};
    grow(r);
    if (const auto* constant = dyn_cast<SCEVConstant>(r.size); constant != nullptr && constant->getAPInt().ult(shortest_run)) return false;
    Instruction* const place = r.loop->getLoopPreheader()->getTerminator();
    if (!expander_.isSafeToExpandAt(r.start, place) || !expander_.isSafeToExpandAt(r.size, place)) return false;
    emit(r, place, write);
    for (const member& m : members) mark(*m.what->at);
    return true;
  }

  void grow(run& r) {
    for (Loop* outer = r.loop->getParentLoop(); outer != nullptr && has_known_rounds(outer); outer = outer->getParentLoop()) {
      if (!dominators_.dominates(r.loop->getLoopPreheader(), outer->getLoopLatch()) || !evolution_.isLoopInvariant(r.size, outer)) return;
      if (!evolution_.isLoopInvariant(r.start, outer)) {
        const auto* start = dyn_cast<SCEVAddRecExpr>(r.start);
        if (start == nullptr || start->getLoop() != outer || !start->isAffine()) return;
        if (start->getStepRecurrence(evolution_) != r.size) return;
        const SCEV* const again = evolution_.getBackedgeTakenCount(outer);
        if (evolution_.getTypeSizeInBits(again->getType()) > 64) return;
        r.start = start->getStart();
        r.size = evolution_.getMulExpr(evolution_.getAddExpr(evolution_.getNoopOrZeroExtend(again, r.size->getType()), evolution_.getOne(r.size->getType())), r.size);
      }
      r.loop = outer;
    }
  }

  void emit(const run& r, Instruction* place, bool write) {
    Module& m = *function_.getParent();
    Type* const pointer = PointerType::getUnqual(m.getContext());
    Type* const i64 = Type::getInt64Ty(m.getContext());
    Value* const start = expander_.expandCodeFor(r.start, pointer, place);
    Value* const size = expander_.expandCodeFor(r.size, i64, place);
    FunctionCallee callee = m.getOrInsertFunction(write ? loop_write_placeholder : loop_read_placeholder, Type::getVoidTy(m.getContext()), pointer, i64, i64);
    auto* f = cast<Function>(callee.getCallee());
    f->setMemoryEffects(MemoryEffects::inaccessibleMemOnly());
    f->setDoesNotThrow();
    f->addFnAttr(Attribute::WillReturn);
    f->addFnAttr(Attribute::NoSync);
    f->addFnAttr(Attribute::NoFree);
    IRBuilder<> b(place);
    b.SetCurrentDebugLocation(r.first->getDebugLoc());
    b.CreateCall(callee, {start, size, b.getInt64(r.element)});
  }

  void mark(Instruction& access) {
    if (mark_ == nullptr) {
      MDBuilder b(function_.getContext());
      MDNode* const scope = b.createAnonymousAliasScope(b.createAnonymousAliasScopeDomain(mark_domain), mark_domain);
      mark_ = MDNode::get(function_.getContext(), {scope});
    }
    access.setMetadata(LLVMContext::MD_noalias, MDNode::concatenate(access.getMetadata(LLVMContext::MD_noalias), mark_));
  }

  Function& function_;
  LoopInfo& loops_;
  DominatorTree& dominators_;
  ScalarEvolution& evolution_;
  SCEVExpander expander_;
  DenseMap<Loop*, bool> known_rounds_;
  SmallVector<group, 8> groups_;
  MDNode* mark_ = nullptr;
};

}  // namespace

PreservedAnalyses merge_loop_checks::run(Function& f, FunctionAnalysisManager& analyses) {
  if (f.isDeclaration() || is_skipped(f) || !is_on("loop_checks")) return PreservedAnalyses::all();
  if (!merger(f, analyses).merge()) return PreservedAnalyses::all();
  PreservedAnalyses kept;
  kept.preserveSet<CFGAnalyses>();
  return kept;
}

bool is_checked_before_loop(const Instruction& access) {
  const MDNode* scopes = access.getMetadata(LLVMContext::MD_noalias);
  if (scopes == nullptr) return false;
  return any_of(scopes->operands(), [](const MDOperand& scope) {
    const auto* node = dyn_cast<MDNode>(scope);
    return node != nullptr && AliasScopeNode(node).getName() == mark_domain;
  });
}

void lower_loop_check(CallInst& call, check_builder& check) {
  const bool write = call.getCalledFunction()->getName() == loop_write_placeholder;
  Value* const start = call.getArgOperand(0);
  const std::uint64_t element = cast<ConstantInt>(call.getArgOperand(2))->getZExtValue();
  IRBuilder<> b(&call);
  check.check_range(b, write, start, call.getArgOperand(1), check.sites.site(call, start, element, write ? RAVEL_SITE_WRITE : 0u));
  call.eraseFromParent();
}

}  // namespace ravel::instrument
