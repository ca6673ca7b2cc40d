// Closing tells receivers that no more will come, so it is for the sender to do; closed by a receiver, the next send panics. Reported where
// the loop that receives closes, or what follows a range loop over the channel, and nothing in the same body sends.
// Silent where more than the received value decides: who counts the senders may close.

#include "instrument/vet/check.hpp"

#include <clang/AST/StmtCXX.h>

namespace ravel::vet {

using namespace clang;

namespace {

// A channel of one's own that nobody else knows hurts nobody.
bool is_shared(const facts& f, const use& close) {
  const VarDecl* v = close.on.root;
  if (v == nullptr || llvm::isa<ParmVarDecl>(v) || !v->hasLocalStorage()) return true;
  for (const use& u : f.uses) {
    if (u.on == close.on && u.in != close.in && is_send(u.what)) return true;
  }
  return false;
}

// Does it mention anything but the value that was received? A count, say, of senders that are done.
bool mentions_more(const facts& f, const Stmt* s, const use& receive) {
  if (s == nullptr) return false;
  if (s == receive.where) return false;
  if (llvm::isa<CXXThisExpr, LambdaExpr>(s)) return true;
  if (const auto* name = llvm::dyn_cast<DeclRefExpr>(s)) {
    const ValueDecl* d = name->getDecl();
    if (llvm::isa<FunctionDecl>(d)) return !is_in_std(d) && !is_in_ravel(d);
    const auto* v = llvm::dyn_cast<VarDecl>(d);
    if (v == nullptr) return !llvm::isa<EnumConstantDecl>(d);
    if (const auto* range = llvm::dyn_cast<CXXForRangeStmt>(receive.where)) return v != range->getLoopVariable();
    if (const auto* into = llvm::dyn_cast<CXXOperatorCallExpr>(receive.where)) return variable_of(into->getArg(1)) != v;
    return !v->hasInit() || !f.contains(v->getInit(), receive.where);
  }
  for (const Stmt* child : s->children()) {
    if (mentions_more(f, child, receive)) return true;
  }
  return false;
}

const Stmt* condition_of(const Stmt* s) {
  if (const auto* i = llvm::dyn_cast<IfStmt>(s)) return i->getCond();
  if (const auto* c = llvm::dyn_cast<ConditionalOperator>(s)) return c->getCond();
  if (const auto* w = llvm::dyn_cast<SwitchStmt>(s)) return w->getCond();
  if (const auto* l = llvm::dyn_cast<ForStmt>(s)) return l->getCond();
  if (const auto* l = llvm::dyn_cast<WhileStmt>(s)) return l->getCond();
  if (const auto* l = llvm::dyn_cast<DoStmt>(s)) return l->getCond();
  if (const auto* o = llvm::dyn_cast<BinaryOperator>(s)) return o->isLogicalOp() ? o : nullptr;
  return nullptr;
}

bool is_decided_by_more(const facts& f, const Stmt* s, const use& receive) {
  for (const Stmt* p = f.parent(s); p != nullptr && !llvm::isa<LambdaExpr>(p); p = f.parent(p)) {
    if (mentions_more(f, condition_of(p), receive)) return true;
  }
  return false;
}

bool is_counted(const facts& f, const use& close, const use& receive) {
  if (is_decided_by_more(f, close.where, receive)) return true;
  if (receive.what != op::range || f.contains(receive.where, close.where)) return false;
  for (unsigned i = f.index_of(receive.where); i < f.end_of(receive.where); ++i) {
    const auto& [s, in] = f.statements[i];
    if (in == receive.in && llvm::isa<BreakStmt, GotoStmt>(s) && is_decided_by_more(f, s, receive)) return true;
  }
  return false;
}

}  // namespace

void close_by_receiver(const facts& f, const report& add) {
  for (const use& close : f.uses) {
    if (close.what != op::close || !close.on.known()) continue;
    const use* receive = nullptr;
    bool sends = false, waits = false;
    for (const use& u : f.uses) {
      if (u.in != close.in) continue;
      if (u.what == op::wait && u.index < close.index) waits = true;
      if (u.on != close.on) continue;
      if (is_send(u.what)) sends = true;
      if (!is_receive(u.what) || u.what == op::try_recv || u.index > close.index) continue;
      if (u.what == op::range) receive = &u;
      else if (const Stmt* loop = f.loop_around(u.where); loop != nullptr && f.contains(loop, close.where)) receive = &u;
    }
    if (receive == nullptr || sends || waits || !is_shared(f, close) || is_counted(f, close, *receive)) continue;
    add({close.where->getBeginLoc(), "'" + close.on.path + "' is closed by the goroutine that receives from it: a sender panics",
         {{receive->where->getBeginLoc(), "it receives here; let the sender close, and tell it to stop by a context or a second channel"}}});
  }
}

}  // namespace ravel::vet
