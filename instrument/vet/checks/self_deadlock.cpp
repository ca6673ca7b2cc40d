// A channel made here, and a send or receive on it before anybody else can know it: no partner can come. Buffered sends are counted up to
// the capacity. Everything but an operation on the channel in this very body lets it out, and from there on the check is silent.

#include <clang/AST/DeclCXX.h>
#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

// To wait for ever on purpose: the value is dropped, and nothing is done with the channel after.
bool is_for_ever_on_purpose(const facts& f, const use& receive, bool is_last) {
  const Stmt* p = f.parent(receive.where);
  while (llvm::isa_and_nonnull<ExprWithCleanups, MaterializeTemporaryExpr, CXXBindTemporaryExpr, CastExpr, ParenExpr>(p)) p = f.parent(p);
  return is_last && receive.what == op::recv && !llvm::isa_and_nonnull<Expr, DeclStmt, ReturnStmt>(p);
}

bool is_conditional(const facts& f, const Stmt* s, const Stmt* scope) {
  for (const Stmt* p = f.parent(s); p != nullptr && p != scope; p = f.parent(p)) {
    if (llvm::isa<IfStmt, SwitchStmt, ConditionalOperator, ForStmt, WhileStmt, DoStmt, CXXForRangeStmt, CXXTryStmt, LambdaExpr>(p)) return true;
  }
  return false;
}

void judge(const facts& f, const report& add, const VarDecl* v, const std::vector<mention>& mentions, std::uint64_t room) {
  const Stmt* scope = f.scope_of(v);
  if (scope == nullptr) return;
  std::uint64_t held = 0;
  for (const mention& m : mentions) {
    const use* is = nullptr;
    for (const use& u : f.uses) {
      if (f.contains(u.where, m.where) && variable_of(operation_of(u.where).object) == v && f.contains(operation_of(u.where).object, m.where)) is = &u;
    }
    if (is == nullptr || m.in != f.unit_of(scope)) return;
    if (is_conditional(f, m.where, scope) && is->what != op::range) return;
    if (is->what == op::send) {
      if (held++ < room) continue;
      add({is->where->getBeginLoc(), "nobody else knows '" + v->getNameAsString() + "' yet, so this send waits for ever",
           {{v->getLocation(), room == 0 ? "it has no room for a value: start the receiver before, or give it a capacity"
                                         : "it has room for " + std::to_string(room) + ": start the receiver before, or give it more"}}});
      return;
    }
    const bool waits_for_value = is_receive(is->what) && is->what != op::try_recv && is->what != op::select_recv;
    if (waits_for_value && held == 0) {
      if (is_for_ever_on_purpose(f, *is, &m == &mentions.back())) return;
      add({is->where->getBeginLoc(), "nobody else knows '" + v->getNameAsString() + "' yet, so this receive waits for ever",
           {{v->getLocation(), "made here; start the sender before"}}});
      return;
    }
    if (is->what != op::recv && is->what != op::recv_into) return;  // closed, tried or in a select
    --held;
  }
}

}  // namespace

void self_deadlock(const facts& f, const report& add) {
  for (const auto& [v, mentions] : f.mentions) {
    if (ravel_type(v->getType()) != "chan" || !v->isLocalVarDecl() || !v->hasLocalStorage() || v->isInitCapture()) continue;
    if (const auto room = capacity_of(v, f.context)) judge(f, add, v, mentions, *room);
  }
}

}  // namespace ravel::vet
