// A lock that some ways through the function release and one does not. Silent where somebody else may have it: the caller, of a function
// that releases it nowhere, only before it throws, or only where it returns a failure; whoever is given the lock or what it is part of; a
// lambda that releases. And where its release depends on a flag, or its name on a pointer that moves.

#include <clang/AST/DeclCXX.h>
#include <clang/AST/StmtCXX.h>

#include <algorithm>

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

  // Is it the lock, or what the lock is part of: this, *this, &account of account.m?
  bool is_owner(const Expr* e) const {
    for (e = bare(e); e != nullptr;) {
      const auto* u = llvm::dyn_cast<UnaryOperator>(e);
      if (u == nullptr || (u->getOpcode() != UO_AddrOf && u->getOpcode() != UO_Deref)) break;
      e = bare(u->getSubExpr());
    }
    if (e == nullptr) return false;
    const object owner = f.object_of(e);
    if (!owner.known() || owner.root != taken.on.root) return false;
    const llvm::StringRef whole = llvm::StringRef(taken.on.path).ltrim('*');
    llvm::StringRef rest = whole;
    return rest.consume_front(llvm::StringRef(owner.path).ltrim('*')) && (rest.empty() || rest.starts_with(".") || rest.starts_with("->"));
  }

  // To a guard, as its parts or by its constructor; a cond only takes the lock to wait.
  bool is_made_with(const Stmt* s) const {
    if (const auto* list = llvm::dyn_cast<InitListExpr>(s)) return std::any_of(list->begin(), list->end(), [&](const Stmt* e) { return is_owner(llvm::dyn_cast_or_null<Expr>(e)); });
    const auto* made = llvm::dyn_cast<CXXConstructExpr>(s);
    if (made == nullptr || ravel_type(made->getType()) == "cond") return false;
    return std::any_of(made->arg_begin(), made->arg_end(), [&](const Expr* e) { return is_owner(e); });
  }

  bool is_argument_of(const CallExpr* call) const {
    return std::any_of(call->arg_begin(), call->arg_end(), [&](const Expr* e) { return is_owner(e); });
  }

  // To a function, or a member function of what has the lock.
  bool is_handed_to(const Stmt* s) const {
    if (is_made_with(s)) return true;
    const auto* call = llvm::dyn_cast<CallExpr>(s);
    if (call == nullptr) return false;
    if (is_argument_of(call)) return true;
    const FunctionDecl* callee = call->getDirectCallee();
    if (callee == nullptr || callee->getOverloadedOperator() == OO_Call) return true;
    if (is_in_ravel(callee) && operation_of(call).what != op::none) return false;
    const auto* member = llvm::dyn_cast<CXXMemberCallExpr>(call);
    if (member == nullptr || is_in_std(callee)) return false;
    if (f.object_of(member->getImplicitObjectArgument()) == taken.on || !is_owner(member->getImplicitObjectArgument())) return false;
    return !callee->hasBody() || mentions_release(callee->getBody());
  }

  // Somewhere in the function, for the rest of it: a guard made before, a pointer kept, a lambda that releases.
  bool has_another_holder() const {
    for (const auto& [s, in] : f.statements) {
      if (is_made_with(s)) return true;
      if (const auto* u = llvm::dyn_cast<UnaryOperator>(s); u != nullptr && u->getOpcode() == UO_AddrOf && is_owner(u->getSubExpr())) return true;
      const auto* call = llvm::dyn_cast<CallExpr>(s);
      if (call != nullptr && is_argument_of(call) && !call->getType()->isVoidType() && !call->getType()->isArithmeticType()) return true;
    }
    for (const auto& u : f.units) {
      if (u.get() == taken.in || u->lambda == nullptr || taken.in->is_within(u.get())) continue;
      bool locks = false;
      for (const use& other : f.uses) locks = locks || (other.in == u.get() && other.what == taken.what);
      if (!locks && u->how != role::goroutine && mentions_release(u->body)) return true;
    }
    return false;
  }

  static bool mentions_release(const Stmt* s) {
    if (s == nullptr) return false;
    const op o = operation_of(s).what;
    if (o == op::unlock || o == op::unlock_shared) return true;
    if (const auto* call = llvm::dyn_cast<CallExpr>(s); call != nullptr && o == op::none) {
      const FunctionDecl* callee = call->getDirectCallee();
      if (callee == nullptr || (!is_in_ravel(callee) && !is_in_std(callee) && callee->getBuiltinID() == 0)) return true;  // further than one looks
    }
    for (const Stmt* child : s->children()) {
      if (mentions_release(child)) return true;
    }
    return false;
  }

  // Does a way of it return nothing, false or a failure behind a release, where this one returns something? Then the caller has the lock.
  bool is_for_the_caller(const Stmt* at) const;
};

// The name of the field, when the lock is one.
llvm::StringRef field_of(const object& o) {
  const std::size_t at = llvm::StringRef(o.path).find_last_of(".>");
  return at == llvm::StringRef::npos ? llvm::StringRef() : llvm::StringRef(o.path).drop_front(at + 1);
}

bool is_plain(const object& o) {
  return o.root != nullptr && !o.root->getType()->isReferenceType() && !o.root->getType()->isPointerType() &&
         !llvm::StringRef(o.path).contains("->") && !llvm::StringRef(o.path).contains('*');
}

// Two names may be of one lock.
bool surely_differ(const object& a, const object& b) {
  if (!a.known() || !b.known()) return false;
  if (!field_of(a).empty() && !field_of(b).empty() && field_of(a) != field_of(b)) return true;
  return is_plain(a) && is_plain(b) && a.root != b.root;
}

// A pointer on the way to the lock that is given another value names another lock then.
bool is_moved_on(const one_lock& l) {
  for (const auto& [s, in] : l.f.statements) {
    const Expr* to = nullptr;
    if (const auto* b = llvm::dyn_cast<BinaryOperator>(s); b != nullptr && b->isAssignmentOp()) to = b->getLHS();
    else if (const auto* u = llvm::dyn_cast<UnaryOperator>(s); u != nullptr && u->isIncrementDecrementOp()) to = u->getSubExpr();
    else if (const auto* o = llvm::dyn_cast<CXXOperatorCallExpr>(s); o != nullptr && o->isAssignmentOp()) to = o->getArg(0);
    if (to != nullptr && l.is_owner(to)) return true;
  }
  return false;
}

bool leaves_early(const Stmt* s) {
  if (const auto* block = llvm::dyn_cast_or_null<CompoundStmt>(s)) return !block->body_empty() && leaves_early(block->body_back());
  if (const auto* e = llvm::dyn_cast_or_null<ExprWithCleanups>(s)) return leaves_early(e->getSubExpr());
  return llvm::isa_and_nonnull<ReturnStmt, BreakStmt, ContinueStmt, GotoStmt, CXXThrowExpr>(s);
}

// Of parameters that keep their value, and numbers: it cannot know of the lock.
bool is_of_constants(const facts& f, const Stmt* condition) {
  if (condition == nullptr) return true;
  if (llvm::isa<CallExpr, MemberExpr, CXXThisExpr>(condition)) return false;
  if (const auto* name = llvm::dyn_cast<DeclRefExpr>(condition)) {
    const auto* p = llvm::dyn_cast<ParmVarDecl>(name->getDecl());
    if (p == nullptr) return llvm::isa<EnumConstantDecl>(name->getDecl());
    if (p->getType()->isReferenceType()) return false;
    const auto all = f.mentions.find(p);
    return all == f.mentions.end() || std::all_of(all->second.begin(), all->second.end(), [&](const mention& m) {
      const auto* read = llvm::dyn_cast_or_null<ImplicitCastExpr>(f.parent(m.where));
      return read != nullptr && read->getCastKind() == CK_LValueToRValue;
    });
  }
  for (const Stmt* child : condition->children()) {
    if (!is_of_constants(f, child)) return false;
  }
  return true;
}

// if (held == yes) m.unlock(): whether it is held is said by the variable, not by the way. An early exit that releases is none.
bool depends_on_flag(const one_lock& l, const Stmt* terminator) {
  if (!l.is_released_inside(terminator) || l.f.contains(terminator, l.taken.where)) return false;
  const auto* i = llvm::dyn_cast<IfStmt>(terminator);
  if (i == nullptr) return true;
  const Stmt* releases = l.is_released_inside(i->getThen()) ? i->getThen() : i->getElse();
  return !leaves_early(releases) || !is_of_constants(l.f, i->getCond());
}

bool is_conditional(const one_lock& l) {
  for (const Stmt* p = l.f.parent(l.taken.where); p != nullptr && !llvm::isa<LambdaExpr>(p); p = l.f.parent(p)) {
    if (llvm::isa<IfStmt, SwitchStmt, ConditionalOperator>(p) && !l.is_released_inside(p)) return true;
  }
  return false;
}

enum class returned : unsigned char { failure, other, enumerator };

returned kind_of(const Expr* e, const ASTContext& context) {
  e = bare(e);
  if (const auto* name = llvm::dyn_cast<DeclRefExpr>(e)) {
    if (llvm::isa<EnumConstantDecl>(name->getDecl())) return returned::enumerator;
    return name->getDecl()->getName() == "nullopt" ? returned::failure : returned::other;
  }
  if (const auto* made = llvm::dyn_cast<CXXConstructExpr>(e)) {
    if (made->getNumArgs() == 0) return returned::failure;
    return made->getNumArgs() == 1 ? kind_of(made->getArg(0), context) : returned::other;
  }
  if (const auto* list = llvm::dyn_cast<InitListExpr>(e)) return list->getNumInits() == 0 ? returned::failure : returned::other;
  if (llvm::isa<CXXNullPtrLiteralExpr, GNUNullExpr>(e)) return returned::failure;
  Expr::EvalResult value;
  if (e->isValueDependent() || !e->getType()->isIntegralOrEnumerationType() || !e->EvaluateAsInt(value, context)) return returned::other;
  const llvm::APSInt n = value.Val.getInt();
  return n.isZero() || n.isNegative() ? returned::failure : returned::other;
}

bool one_lock::is_for_the_caller(const Stmt* at) const {
  const auto* held = llvm::dyn_cast_or_null<ReturnStmt>(at);
  if (held == nullptr || held->getRetValue() == nullptr) return false;
  const returned here = kind_of(held->getRetValue(), f.context);
  for (const use& r : f.uses) {
    if (r.in != taken.in || r.what != release_of(taken.what) || r.on != taken.on || r.index < taken.index) continue;
    for (unsigned i = r.index; i < f.end_of(taken.in->body); ++i) {
      const auto* after = f.statements[i].second == taken.in ? llvm::dyn_cast<ReturnStmt>(f.statements[i].first) : nullptr;
      if (after == nullptr) continue;
      if (after == held || after->getRetValue() == nullptr) break;
      const returned there = kind_of(after->getRetValue(), f.context);
      if (there == returned::enumerator || (there == returned::failure && here != returned::failure)) return true;
      break;
    }
  }
  return false;
}

// A function whose every release is followed by the lock again, or by an exception, ends with the lock held, and means to.
bool ends_released(const one_lock& l) {
  for (const use& r : l.f.uses) {
    if (r.in != l.taken.in || r.what != release_of(l.taken.what) || r.on != l.taken.on) continue;
    const auto locks = [&](const Stmt* s) { return operation_of(s).what == l.taken.what; };
    if (find_way_out(l.f, r.in, r.where, locks, [](const Stmt*) { return false; }).found) return true;
  }
  return false;
}

// Said to the caller, or to a member: held = true.
bool tells_that_it_is_held(const one_lock& l) {
  for (const auto& [s, in] : l.f.statements) {
    const auto* b = llvm::dyn_cast<BinaryOperator>(s);
    if (b == nullptr || b->getOpcode() != BO_Assign || in != l.taken.in || l.f.index_of(s) < l.taken.index || !b->getType()->isBooleanType()) continue;
    const VarDecl* v = variable_of(b->getLHS());
    if (v == nullptr || !v->hasLocalStorage() || v->getType()->isReferenceType()) return true;
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
    if (!released_here || released_elsewhere || is_conditional(l) || is_moved_on(l) || l.has_another_holder()) continue;
    if (tells_that_it_is_held(l) || !ends_released(l)) continue;
    const auto stops = [&](const Stmt* s) {
      if (s == u.where) return false;
      const operation o = operation_of(s);
      if (o.what == release_of(u.what)) return !surely_differ(f.object_of(o.object), u.on);
      if (const auto* lambda = llvm::dyn_cast<LambdaExpr>(s)) return l.is_released_inside(lambda);
      return l.is_handed_to(s);
    };
    const way_out way = find_way_out(f, u.in, u.where, stops, [&](const Stmt* s) { return depends_on_flag(l, s); });
    if (!way.found || l.is_for_the_caller(way.at)) continue;
    draft d{u.where->getBeginLoc(), "'" + u.on.path + "' is still locked on a way " + (way.at == u.where ? "to this lock's next turn" : "out of the function")};
    if (way.at != nullptr && way.at != u.where) d.notes.emplace_back(way.at->getBeginLoc(), "it ends here; hold it by a std::lock_guard");
    else d.notes.emplace_back(u.in->body->getEndLoc(), "hold it by a std::lock_guard");
    add(std::move(d));
  }
}

}  // namespace ravel::vet
