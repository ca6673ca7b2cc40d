// A lock that some ways through the function release and one does not. Functions that release it nowhere hand it to their caller, and are
// left alone; so is everything whose release depends on a flag.

#include <clang/AST/DeclCXX.h>
#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"
#include "instrument/vet/paths.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

op release_of(op o) { return o == op::lock ? op::unlock : op::unlock_shared; }

struct one_lock {
  const facts& f;
  const use& taken;

  bool is_released_inside(const Stmt* outer) const {
    for (const use& u : f.uses) {
      if (u.what == release_of(taken.what) && u.on == taken.on && f.contains(outer, u.where)) return true;
    }
    return false;
  }

  // The lock itself is given to somebody: a guard that adopts it, a function.
  bool is_handed_to(const Stmt* s) const {
    const auto is_lock_itself = [&](const Expr* e) { return e != nullptr && f.object_of(e) == taken.on; };
    if (const auto* made = llvm::dyn_cast<CXXConstructExpr>(s)) {
      if (ravel_type(made->getType()) == "cond") return false;
      for (const Expr* e : made->arguments()) {
        if (is_lock_itself(e)) return true;
      }
      return false;
    }
    const auto* call = llvm::dyn_cast<CallExpr>(s);
    if (call == nullptr) return false;
    for (const Expr* e : call->arguments()) {
      if (is_lock_itself(e)) return !llvm::isa<CXXOperatorCallExpr>(call);
      const auto* address = llvm::dyn_cast<UnaryOperator>(bare(e));
      if (address != nullptr && address->getOpcode() == UO_AddrOf && is_lock_itself(address->getSubExpr())) return true;
    }
    const FunctionDecl* callee = call->getDirectCallee();
    if (callee == nullptr) return true;
    if (is_in_ravel(callee) && operation_of(call).what != op::none) return false;
    // A member function of the object that has the lock may release it.
    const auto* member = llvm::dyn_cast<CXXMemberCallExpr>(call);
    if (member == nullptr || callee->isInStdNamespace()) return false;
    const object owner = f.object_of(member->getImplicitObjectArgument());
    if (!owner.known() || owner == taken.on || !llvm::StringRef(taken.on.path).starts_with(owner.path)) return false;
    return !callee->hasBody() || mentions_release(callee->getBody());
  }

  static bool mentions_release(const Stmt* s) {
    if (s == nullptr) return false;
    const op o = operation_of(s).what;
    if (o == op::unlock || o == op::unlock_shared) return true;
    if (const auto* call = llvm::dyn_cast<CXXMemberCallExpr>(s); call != nullptr && o == op::none && call->getMethodDecl() != nullptr &&
                                                                   llvm::isa<CXXThisExpr>(call->getImplicitObjectArgument()->IgnoreParenImpCasts())) {
      return true;  // further than one looks
    }
    for (const Stmt* child : s->children()) {
      if (mentions_release(child)) return true;
    }
    return false;
  }
};

// if (held) m.unlock(): whether it is held is said by the variable, not by the way.
bool depends_on_flag(const one_lock& l, const Stmt* condition) {
  const auto* i = llvm::dyn_cast<IfStmt>(condition);
  if (i == nullptr || !l.is_released_inside(i)) return false;
  const Expr* c = i->getCond()->IgnoreParenImpCasts();
  if (const auto* n = llvm::dyn_cast<UnaryOperator>(c); n != nullptr && n->getOpcode() == UO_LNot) c = n->getSubExpr()->IgnoreParenImpCasts();
  return llvm::isa<DeclRefExpr, MemberExpr>(c);
}

bool is_conditional(const one_lock& l) {
  for (const Stmt* p = l.f.parent(l.taken.where); p != nullptr && !llvm::isa<LambdaExpr>(p); p = l.f.parent(p)) {
    if (llvm::isa<IfStmt, SwitchStmt, ConditionalOperator>(p) && !l.is_released_inside(p)) return true;
  }
  return false;
}

}  // namespace

void lock_not_released(const facts& f, const report& add) {
  for (const use& u : f.uses) {
    if ((u.what != op::lock && u.what != op::lock_shared) || !u.on.known()) continue;
    const one_lock l{f, u};
    bool released_here = false, released_elsewhere = false;
    for (const use& r : f.uses) {
      if (r.what != release_of(u.what) || r.on != u.on) continue;
      // Before it in no loop, it was another lock's end.
      if (r.in == u.in && (r.index > u.index || f.loop_around(u.where) != nullptr)) released_here = true;
      if (r.in->how == role::deferred) released_elsewhere = true;
    }
    if (!released_here || released_elsewhere || is_conditional(l)) continue;
    const auto stops = [&](const Stmt* s) {
      if (s == u.where) return false;
      const operation o = operation_of(s);
      if (o.what == release_of(u.what)) return f.object_of(o.object) == u.on;
      if (const auto* lambda = llvm::dyn_cast<LambdaExpr>(s)) return l.is_released_inside(lambda);
      return l.is_handed_to(s);
    };
    const way_out way = find_way_out(f, u.in, u.where, stops, [&](const Stmt* s) { return depends_on_flag(l, s); });
    if (!way.found) continue;
    draft d{u.where->getBeginLoc(), "'" + u.on.path + "' is still locked on a way " + (way.at == u.where ? "to this lock's next turn" : "out of the function")};
    if (way.at != nullptr && way.at != u.where) d.notes.emplace_back(way.at->getBeginLoc(), "it ends here; hold it by a std::lock_guard");
    else d.notes.emplace_back(u.in->body->getEndLoc(), "hold it by a std::lock_guard");
    add(std::move(d));
  }
}

}  // namespace ravel::vet
