// m.try_lock(); as a statement: whether the lock was taken is not known, so what follows is unguarded or unlocks what somebody else holds.
// Cast to void, it is meant.

#include <clang/AST/ExprCXX.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

bool is_try_lock(const Stmt* s) {
  const auto* call = llvm::dyn_cast<CXXMemberCallExpr>(s);
  const CXXMethodDecl* method = call != nullptr ? call->getMethodDecl() : nullptr;
  if (method == nullptr || method->getIdentifier() == nullptr) return false;
  const llvm::StringRef type = ravel_type(call->getImplicitObjectArgument()->IgnoreParenImpCasts()->getType());
  return (type == "mutex" || type == "rw_mutex") && (method->getName() == "try_lock" || method->getName() == "try_lock_shared");
}

}  // namespace

void ignored_try_lock(const facts& f, const report& add) {
  for (const auto& [s, in] : f.statements) {
    if (!is_try_lock(s)) continue;
    const Stmt* statement = s;
    const Stmt* p = f.parent(s);
    for (; p != nullptr && llvm::isa<ExprWithCleanups, ParenExpr>(p); statement = p, p = f.parent(p)) {
    }
    const auto* decides = llvm::dyn_cast_or_null<IfStmt>(p);
    const bool alone = llvm::isa_and_nonnull<CompoundStmt>(p) || (decides != nullptr && (decides->getThen() == statement || decides->getElse() == statement));
    if (alone) add({s->getBeginLoc(), "nobody looks whether the lock was taken", {}});
  }
}

}  // namespace ravel::vet
