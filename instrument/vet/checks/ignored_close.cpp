// An endless loop without a way out that receives and does not look whether the channel was closed: once it is, the receive returns at
// once with nothing, for ever. Only for a channel that this function is seen to close.

#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"
#include "instrument/vet/waiting.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

// By an exception of its own, or with the process.
bool may_throw_out(const Stmt* s) {
  if (s == nullptr || llvm::isa<LambdaExpr>(s)) return false;
  if (llvm::isa<CXXThrowExpr>(s)) return true;
  if (const auto* call = llvm::dyn_cast<CallExpr>(s); call != nullptr && call->getDirectCallee() != nullptr && call->getDirectCallee()->isNoReturn()) return true;
  for (const Stmt* child : s->children()) {
    if (may_throw_out(child)) return true;
  }
  return false;
}

// Discarded, or taken for a value without a question: *c.recv(), c.recv()->x.
bool is_ignored(const facts& f, const use& u) {
  const Stmt* p = f.parent(u.where);
  while (llvm::isa_and_nonnull<ExprWithCleanups, MaterializeTemporaryExpr, CXXBindTemporaryExpr, ImplicitCastExpr, ParenExpr>(p)) p = f.parent(p);
  if (llvm::isa_and_nonnull<CompoundStmt, ForStmt, WhileStmt>(p)) return true;
  const auto* o = llvm::dyn_cast_or_null<CXXOperatorCallExpr>(p);
  return o != nullptr && u.what == op::recv && (o->getOperator() == OO_Star || o->getOperator() == OO_Arrow);
}

}  // namespace

void ignored_close(const facts& f, const report& add) {
  for (const use& u : f.uses) {
    if ((u.what != op::recv && u.what != op::recv_into) || !u.on.known()) continue;
    const Stmt* loop = f.loop_around(u.where);
    if (loop == nullptr || !never_ends(loop, f.context) || has_way_out(loop) || may_throw_out(loop) || !is_ignored(f, u)) continue;
    for (const use& close : f.uses) {
      if (close.what != op::close || close.on != u.on) continue;
      add({u.where->getBeginLoc(), "this endless loop does not see that '" + u.on.path + "' is closed: the receive then returns nothing, at once and for ever",
           {{close.where->getBeginLoc(), "closed here; write 'for (auto value : " + u.on.path + ")', or leave the loop when nothing is received"}}});
      break;
    }
  }
}

}  // namespace ravel::vet
