// x = x.fetch_add(1): what was read is stored over what others did in between, and over the addition itself. An atomic operation changes its
// object alone.

#include <clang/AST/ExprCXX.h>
#include <llvm/ADT/StringSwitch.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

bool is_atomic(const Expr* e) {
  const CXXRecordDecl* r = e->IgnoreParenImpCasts()->getType().getNonReferenceType()->getAsCXXRecordDecl();
  return r != nullptr && is_in_std(r) && r->getIdentifier() != nullptr && r->getName() == "atomic";
}

// The object that a read-modify-write changes; null: `e` is none.
const Expr* changed_by(const Expr* e) {
  e = bare(e);
  if (const auto* call = llvm::dyn_cast<CXXOperatorCallExpr>(e)) {
    return call->getOperator() == OO_PlusPlus || call->getOperator() == OO_MinusMinus ? call->getArg(0) : nullptr;
  }
  const auto* call = llvm::dyn_cast<CXXMemberCallExpr>(e);
  if (call == nullptr || call->getMethodDecl() == nullptr) return nullptr;
  const OverloadedOperatorKind o = call->getMethodDecl()->getOverloadedOperator();
  if (o == OO_PlusPlus || o == OO_MinusMinus) return call->getImplicitObjectArgument();
  if (call->getMethodDecl()->getIdentifier() == nullptr) return nullptr;
  const bool changes = llvm::StringSwitch<bool>(call->getMethodDecl()->getName())
                           .Cases("fetch_add", "fetch_sub", "fetch_and", "fetch_or", "fetch_xor", "exchange", true).Default(false);
  return changes ? call->getImplicitObjectArgument() : nullptr;
}

struct assignment { const Expr* to = nullptr; const Expr* value = nullptr; };

assignment assignment_of(const Stmt* s) {
  if (const auto* call = llvm::dyn_cast<CXXOperatorCallExpr>(s)) {
    if (call->getOperator() == OO_Equal && call->getNumArgs() == 2) return {call->getArg(0), call->getArg(1)};
    return {};
  }
  const auto* call = llvm::dyn_cast<CXXMemberCallExpr>(s);
  const CXXMethodDecl* method = call != nullptr ? call->getMethodDecl() : nullptr;
  if (method == nullptr || method->getIdentifier() == nullptr || method->getName() != "store" || call->getNumArgs() == 0) return {};
  return {call->getImplicitObjectArgument(), call->getArg(0)};
}

}  // namespace

void assigned_atomic(const facts& f, const report& add) {
  for (const auto& [s, in] : f.statements) {
    const assignment a = assignment_of(s);
    if (a.to == nullptr || !is_atomic(a.to)) continue;
    const Expr* changed = changed_by(a.value);
    if (changed == nullptr || !is_atomic(changed)) continue;
    const object to = f.object_of(a.to);
    if (!to.known() || !(to == f.object_of(changed))) continue;
    add({s->getBeginLoc(), "stores what the atomic operation returned over its own result, and over what others have done since",
         {{changed->getBeginLoc(), "this has changed it already"}}});
  }
}

}  // namespace ravel::vet
