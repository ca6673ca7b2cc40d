#include "instrument/pass/skip_functions.hpp"

#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>

#include "instrument/pass/no_race_lambdas.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

constexpr StringLiteral skip_attribute = "ravel-skip";

// std::ctype<char> remembers what it has converted in a table of all threads', which libstdc++ means to be harmless: each byte is only
// ever written with one value. Used by every stream and by std::regex, on the locale that all share.
bool is_cache_of_locale(StringRef name) {
  return name.starts_with("_ZNKSt5ctypeIcE6narrow") || name.starts_with("_ZNKSt5ctypeIcE5widen");
}

bool is_ours_or_unsafe(const Function& f) {
  return f.hasFnAttribute(Attribute::DisableSanitizerInstrumentation) || f.hasFnAttribute(Attribute::Naked) ||
         f.getName().starts_with("__ravel_") || is_ravels_own(f.getName()) || is_cache_of_locale(f.getName());
}

// So that a lambda of the user's is not swallowed by the function of Ravel that calls it, and its accesses with it.
void keep_callees_apart(Function& f) {
  for (BasicBlock& block : f) {
    for (Instruction& i : block) {
      auto* call = dyn_cast<CallBase>(&i);
      if (call == nullptr || isa<IntrinsicInst>(call) || call->isInlineAsm()) continue;
      const Function* callee = call->getCalledFunction();
      if (callee != nullptr && is_skipped(*callee)) continue;
      call->addFnAttr(Attribute::NoInline);
    }
  }
}

}  // namespace

// The grammar of the Itanium C++ ABI: <local-name> is Z <encoding> E <entity>, so leading Zs lead to the outermost function; its
// <nested-name> is N, qualifiers, then the source names from the outermost scope inwards. T h/v/c are thunks, with an offset and "_".
bool is_ravels_own(StringRef name) {
  if (!name.consume_front("_Z")) return false;
  if (name.consume_front("T")) {
    if (name.empty() || !StringRef("hvc").contains(name.front())) return false;
    const std::size_t before_name = name.find("_N");
    if (before_name == StringRef::npos) return false;
    name = name.substr(before_name + 1);
  }
  name = name.ltrim('Z');
  if (!name.consume_front("N")) return false;
  name = name.ltrim("rVKRO");
  // A channel variable is the user's own, and may race like a pointer: its reads and writes are made by core_handle alone.
  if (name.starts_with("5ravel7v1_race6detail11core_handle")) return false;
  return name.starts_with("5ravel");
}

bool is_skipped(const Function& f) { return f.hasFnAttribute(skip_attribute); }

PreservedAnalyses skip_functions::run(Module& m, ModuleAnalysisManager&) {
  SmallPtrSet<const Function*, 4> resolvers;
  for (const GlobalIFunc& i : m.ifuncs()) resolvers.insert(i.getResolverFunction());
  const SmallPtrSet<const Function*, 4> lambdas = take_no_race_lambdas(m);

  // Declarations too: a call from a skipped function to another of Ravel's needs no mark.
  for (Function& f : m) {
    if (!is_ours_or_unsafe(f) && !resolvers.contains(&f) && !lambdas.contains(&f)) continue;
    f.addFnAttr(skip_attribute);
    if (f.isDeclaration()) continue;
    f.removeFnAttr(Attribute::AlwaysInline);
    f.addFnAttr(Attribute::NoInline);
  }
  for (Function& f : m) {
    if (f.isDeclaration()) continue;
    if (is_skipped(f)) keep_callees_apart(f);
    // Tells the optimiser not to add accesses that the program does not make: loads done in advance, or wider than asked for. They would
    // be harmless for the program and races for a detector.
    else f.addFnAttr(Attribute::SanitizeThread);
  }
  return PreservedAnalyses::none();
}

}  // namespace ravel::instrument
