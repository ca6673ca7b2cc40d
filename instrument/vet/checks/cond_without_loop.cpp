// if (!ready) c.wait(): after the wake-up the condition may be false again, or another goroutine was faster. Silent where the function only
// chooses whether to wait, and where nothing follows: the loop is the caller's.

#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

// Of this function alone, which no wake-up changes: whether to wait at all.
bool is_own_choice(const Expr* condition) {
  condition = condition->IgnoreParenImpCasts();
  if (const auto* n = llvm::dyn_cast<UnaryOperator>(condition); n != nullptr && n->getOpcode() == UO_LNot) condition = n->getSubExpr();
  const VarDecl* v = variable_of(condition);
  return v != nullptr && (v->isLocalVarDecl() || llvm::isa<ParmVarDecl>(v));
}

// With nothing behind it, the caller may have the loop.
bool is_followed(const facts& f, const unit* in, const IfStmt* decides) {
  for (unsigned i = f.end_of(decides); i < f.end_of(in->body); ++i) {
    const auto& [s, where] = f.statements[i];
    if (llvm::isa<NullStmt, ReturnStmt>(s)) continue;
    const op o = operation_of(s).what;
    if (o != op::unlock && o != op::unlock_shared) return true;
    i = f.end_of(s) - 1;
  }
  return false;
}

}  // namespace

void cond_without_loop(const facts& f, const report& add) {
  for (const use& u : f.uses) {
    if (u.what != op::cond_wait || f.loop_around(u.where) != nullptr) continue;
    const IfStmt* decides = nullptr;
    for (const Stmt *inner = u.where, *p = f.parent(inner); p != nullptr && !llvm::isa<LambdaExpr>(p); inner = p, p = f.parent(p)) {
      const auto* i = llvm::dyn_cast<IfStmt>(p);
      if (i != nullptr && inner == i->getThen()) {
        decides = i;
        break;
      }
    }
    if (decides == nullptr || decides->isConstexpr() || is_own_choice(decides->getCond()) || !is_followed(f, u.in, decides)) continue;
    add({u.where->getBeginLoc(), "the condition is not looked at again after the wake-up: it may be false",
            {{decides->getIfLoc(), "write 'while' for this 'if', or give wait the condition"}}});
  }
}

}  // namespace ravel::vet
