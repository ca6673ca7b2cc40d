#include "instrument/pass/check_accesses.hpp"

#include "instrument/pass/access_finder.hpp"
#include "instrument/pass/check_builder.hpp"
#include "instrument/pass/check_form.hpp"
#include "instrument/pass/eliminate/eliminations.hpp"
#include "instrument/pass/group_fields.hpp"
#include "instrument/pass/libc_calls.hpp"
#include "instrument/pass/lower_access.hpp"
#include "instrument/pass/lower_atomic.hpp"
#include "instrument/pass/lower_masked.hpp"
#include "instrument/pass/lower_run.hpp"
#include "instrument/pass/merge_loop_checks.hpp"
#include "instrument/pass/skip_functions.hpp"
#include "instrument/pass/speculated_loads.hpp"
#include "instrument/pass/static_guards.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

// The function now reads and writes the detector's memory; what the optimiser concluded about it before no longer holds.
void forget_conclusions(Function& f) {
  f.removeFnAttr(Attribute::Memory);
  f.removeFnAttr(Attribute::NoSync);
  f.removeFnAttr(Attribute::Speculatable);
  f.removeFnAttr(Attribute::NoFree);
  f.removeFnAttr(Attribute::SanitizeThread);  // was for the optimiser; see skip_functions
}
void forget_conclusions(CallBase& call) {
  call.removeFnAttr(Attribute::Memory);
  call.removeFnAttr(Attribute::NoSync);
  if (auto* plain = dyn_cast<CallInst>(&call); plain != nullptr && !plain->isMustTailCall()) plain->setTailCall(false);
}

bool is_checked(const Function& f) {
  return !f.isDeclaration() && !f.hasAvailableExternallyLinkage() && !is_skipped(f) && !abi::is_entry_point(f.getName());
}

bool instrument(Function& f, abi& names, const call_facts& facts, site_emitter& sites) {
  found_accesses found = find_accesses(f);
  note_speculated_loads(f, found);
  eliminate(found);
  if (found.empty()) return false;
  choose_forms(f, found);
  group_fields(found);
  forget_conclusions(f);
  for (CallBase* call : found.calls) forget_conclusions(*call);

  calling_context context(f, names, facts, found.calls);
  current_segment segment(f, names);
  check_builder check{f, names, sites, segment, context};
  for (const access& a : found.plain) lower_access(a, check);
  for (const access_group& g : found.fields) lower_fields(g, check);
  for (MemIntrinsic* run : found.runs) lower_run(*run, check);
  for (CallInst* masked : found.masked) lower_masked(*masked, check);
  for (Instruction* atomic : found.atomics) lower_atomic(*atomic, check);
  for (LoadInst* guard : found.guard_loads) lower_guard_load(*guard, check);
  for (CallBase* guard : found.guard_calls) lower_guard_call(*guard, check);
  for (CallInst* run : found.loop_checks) lower_loop_check(*run, check);
  for (CallInst* call : found.libc_calls) lower_libc_call(*call, check);
  segment.finish();
  return true;
}

}  // namespace

PreservedAnalyses check_accesses::run(Module& m, ModuleAnalysisManager&) {
  const call_facts facts(m);
  abi names(m);
  site_emitter sites(m);
  SmallVector<Function*, 64> functions;
  for (Function& f : m) {
    if (is_checked(f)) functions.push_back(&f);
  }
  bool any = false;
  for (Function* f : functions) any |= instrument(*f, names, facts, sites);
  if (any) names.refer_to_version();
  return any ? PreservedAnalyses::none() : PreservedAnalyses::all();
}

}  // namespace ravel::instrument
