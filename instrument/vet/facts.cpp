#include "instrument/vet/facts.hpp"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/StmtCXX.h>

namespace ravel::vet {

using namespace clang;

bool unit::is_within(const unit* other) const {
  for (const unit* u = this; u != nullptr; u = u->parent) {
    if (u == other) return true;
  }
  return false;
}

facts::facts(ASTContext& c, const FunctionDecl* function) : context(c) {
  Stmt* body = function->getBody();
  parents_ = std::make_unique<ParentMap>(body);
  units.push_back(std::make_unique<unit>(unit{function, body}));
  walk(body, units.front().get());
  find_roles();
  // After the roles, which tell what a parameter stands for.
  for (const auto& [s, in] : statements) {
    const operation o = operation_of(s);
    if (o.what != op::none) uses.push_back({o.what, object_of(o.object), s, in, index_of(s)});
  }
}

void facts::walk(const Stmt* s, const unit* in) {
  if (s == nullptr) return;
  const unsigned index = static_cast<unsigned>(statements.size());
  // An initialiser is met twice: in its list as written and as understood.
  if (!index_.try_emplace(s, index).second) return;
  statements.emplace_back(s, in);
  if (const auto* d = llvm::dyn_cast<DeclStmt>(s)) {
    for (const Decl* one : d->decls()) {
      if (const auto* v = llvm::dyn_cast<VarDecl>(one)) declared_[v] = s;
    }
  }
  if (const auto* name = llvm::dyn_cast<DeclRefExpr>(s)) {
    const ValueDecl* named = name->getDecl();
    if (const auto* v = llvm::dyn_cast<VarDecl>(named)) mentions[v].push_back({name, in, index});
  }
  if (const auto* lambda = llvm::dyn_cast<LambdaExpr>(s)) enter_lambda(lambda, in);
  else {
    for (const Stmt* child : s->children()) walk(child, in);
  }
  end_[s] = static_cast<unsigned>(statements.size());
}

void facts::enter_lambda(const LambdaExpr* lambda, const unit* in) {
  units.push_back(std::make_unique<unit>(unit{lambda->getCallOperator(), lambda->getBody(), lambda, in, role::other}));
  unit* inside = units.back().get();
  unit_of_lambda_[lambda] = inside;
  // What a capture copies is mentioned outside, what is captured by reference only inside.
  const auto* captures = lambda->capture_begin();
  for (const Expr* init : lambda->capture_inits()) {
    if (captures->capturesVariable() && !lambda->isInitCapture(captures) && captures->getCaptureKind() == LCK_ByRef) {
      ++captures;
      continue;
    }
    ++captures;
    walk(init, in);
  }
  walk(lambda->getBody(), inside);
}

void facts::find_roles() {
  for (const auto& [s, in] : statements) {
    const auto* call = llvm::dyn_cast<CallExpr>(s);
    if (call == nullptr) continue;
    const llvm::StringRef name = ravel_function(call);
    if (name == "go" && call->getNumArgs() > 0) start_goroutine(call, ravel_type(call->getArg(0)->getType()) == "go_options" ? 1 : 0);
    else if (name == "after_func" && call->getNumArgs() > 1) start_goroutine(call, 1);
    else if (operation_of(call).what == op::group_go && call->getNumArgs() > 0) start_goroutine(call, 0);
    else if (const auto* o = llvm::dyn_cast<CXXOperatorCallExpr>(call); o != nullptr && o->getNumArgs() == 2 &&
                                                                          ravel_type(o->getArg(0)->getType()) == "defer_maker") {
      if (const LambdaExpr* l = lambda_of(o->getArg(1))) unit_of_lambda_[l]->how = role::deferred;
    }
  }
}

void facts::start_goroutine(const CallExpr* call, unsigned first) {
  if (first >= call->getNumArgs()) return;
  const LambdaExpr* lambda = lambda_of(call->getArg(first));
  if (lambda == nullptr) return;
  unit* u = unit_of_lambda_.lookup(lambda);
  if (u == nullptr) return;
  u->how = role::goroutine;
  u->start = call;
  const auto parameters = lambda->getCallOperator()->parameters();
  for (unsigned i = 0; i < parameters.size() && first + 1 + i < call->getNumArgs(); ++i) argument_of_[parameters[i]] = call->getArg(first + 1 + i);
}

const LambdaExpr* facts::lambda_of(const Expr* e) const {
  e = bare(e);
  if (const auto* lambda = llvm::dyn_cast_or_null<LambdaExpr>(e)) return lambda;
  const VarDecl* v = variable_of(e);
  if (v == nullptr || !v->hasInit() || !v->isLocalVarDecl()) return nullptr;
  const auto* lambda = llvm::dyn_cast_or_null<LambdaExpr>(bare(v->getInit()));
  return lambda != nullptr && unit_of_lambda_.count(lambda) != 0 ? lambda : nullptr;
}

const VarDecl* facts::original(const VarDecl* v) const {
  for (int steps = 0; v != nullptr && steps < 8; ++steps) {
    const Expr* from = nullptr;
    if (const Expr* argument = argument_of_.lookup(v)) from = is_channel(v->getType()) || v->getType()->isReferenceType() ? argument : nullptr;
    else if (v->hasInit() && (v->isInitCapture() || v->getType()->isReferenceType() || is_channel(v->getType()))) from = v->getInit();
    if (from != nullptr && v->isInitCapture() && !v->getType()->isReferenceType() && !is_channel(v->getType())) from = nullptr;
    if (from == nullptr) return v;
    // std::ref(x) as an argument.
    if (const Expr* referred = argument_of_ref(from)) from = referred;
    const VarDecl* next = variable_of(from);
    if (next == nullptr) return v;
    v = next;
  }
  return v;
}

object facts::object_of(const Expr* e) const {
  e = bare(e);
  if (e == nullptr) return {};
  if (llvm::isa<CXXThisExpr>(e)) return {nullptr, "this"};
  if (const VarDecl* v = variable_of(e)) {
    v = original(v);
    return {v, v->getNameAsString().empty() ? "?" : v->getNameAsString()};
  }
  if (const auto* m = llvm::dyn_cast<MemberExpr>(e)) {
    if (!llvm::isa<FieldDecl>(m->getMemberDecl())) return {};
    object base = object_of(m->getBase());
    if (base.known()) base.path += (m->isArrow() ? "->" : ".") + m->getMemberDecl()->getNameAsString();
    return base;
  }
  if (const auto* u = llvm::dyn_cast<UnaryOperator>(e); u != nullptr && u->getOpcode() == UO_Deref) {
    object pointer = object_of(u->getSubExpr());
    if (pointer.known()) pointer.path = "*" + pointer.path;
    return pointer;
  }
  return {};
}

bool facts::contains(const Stmt* outer, const Stmt* inner) const {
  const unsigned at = index_of(inner);
  return index_of(outer) <= at && at < end_of(outer);
}

const Stmt* facts::loop_around(const Stmt* s) const {
  for (const Stmt *inner = s, *p = parent(s); p != nullptr; inner = p, p = parent(p)) {
    if (llvm::isa<LambdaExpr>(p)) return nullptr;
    if (const auto* f = llvm::dyn_cast<ForStmt>(p)) {
      if (inner != f->getInit()) return p;
    } else if (const auto* r = llvm::dyn_cast<CXXForRangeStmt>(p)) {
      if (inner == r->getBody()) return p;
    } else if (llvm::isa<WhileStmt, DoStmt>(p)) {
      return p;
    }
  }
  return nullptr;
}

const Stmt* facts::scope_of(const VarDecl* v) const {
  if (llvm::isa<ParmVarDecl>(v)) {
    for (const auto& u : units) {
      if (u->function == v->getDeclContext()) return u->body;
    }
    return nullptr;
  }
  const Stmt* d = declared_.lookup(v);
  return d != nullptr ? parent(d) : nullptr;
}

}  // namespace ravel::vet
