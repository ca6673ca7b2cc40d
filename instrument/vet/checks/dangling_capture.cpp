// A goroutine that refers to a variable of a block which ends without having waited for anything: the variable is gone, or is the next
// turn's, when the goroutine reads it. Anything after the start that may wait, however it is done, makes the check silent.

#include <clang/AST/DeclCXX.h>
#include <clang/AST/StmtCXX.h>
#include <clang/Basic/SourceManager.h>

#include "instrument/vet/check.hpp"
#include "instrument/vet/waiting.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

struct reference {
  const VarDecl* to;
  SourceLocation where;
};

bool is_plain_local(const VarDecl* v) {
  return v != nullptr && v->hasLocalStorage() && !v->getType()->isReferenceType() && !v->isInvalidDecl() && !v->isInitCapture();
}

const VarDecl* referred_by_argument(const Expr* e) {
  e = bare(e);
  if (const auto* u = llvm::dyn_cast<UnaryOperator>(e); u != nullptr && u->getOpcode() == UO_AddrOf) return variable_of(u->getSubExpr());
  const Expr* referred = argument_of_ref(e);
  return referred != nullptr ? variable_of(referred) : nullptr;
}

std::vector<reference> references_of(const LambdaExpr* lambda) {
  std::vector<reference> found;
  for (const LambdaCapture& c : lambda->captures()) {
    if (!c.capturesVariable()) continue;
    const auto* v = llvm::dyn_cast<VarDecl>(c.getCapturedVar());
    if (const auto* b = llvm::dyn_cast<BindingDecl>(c.getCapturedVar())) v = llvm::dyn_cast<VarDecl>(b->getDecomposedDecl());
    if (v == nullptr) continue;
    if (v->isInitCapture()) v = v->getType()->isReferenceType() ? variable_of(v->getInit()) : referred_by_argument(v->getInit());
    else if (c.getCaptureKind() != LCK_ByRef) v = nullptr;
    if (is_plain_local(v)) found.push_back({v, c.getLocation()});
  }
  return found;
}

// Its deleter may wait, unless it is made in a way that takes none.
bool may_own_a_deleter(const VarDecl* v) {
  const CXXRecordDecl* r = v->getType()->getAsCXXRecordDecl();
  if (r == nullptr || !is_in_std(r) || r->getName() != "shared_ptr" || !v->hasInit()) return false;
  const Expr* init = bare(v->getInit());
  const auto* call = llvm::dyn_cast<CallExpr>(init);
  const FunctionDecl* callee = call != nullptr ? call->getDirectCallee() : nullptr;
  if (callee != nullptr && is_in_std(callee) && callee->getIdentifier() != nullptr && callee->getName() == "make_shared") return false;
  const auto* made = llvm::dyn_cast<CXXConstructExpr>(init);
  return made == nullptr || made->getNumArgs() > 1;
}

bool may_be_waited_for(const facts& f, const unit* goroutine, const Stmt* start, const VarDecl* v, const Stmt* scope) {
  unsigned begin = f.end_of(start);
  // In a loop inside the scope: what an earlier part of it does comes after the start too, in the next turn.
  for (const Stmt* loop = f.loop_around(start); loop != nullptr && loop != scope && f.contains(scope, loop); loop = f.loop_around(loop)) {
    begin = std::min(begin, f.index_of(loop));
  }
  for (unsigned i = begin; i < f.end_of(scope); ++i) {
    const auto& [s, in] = f.statements[i];
    if (goroutine != nullptr && in->is_within(goroutine)) continue;
    if (s != start && may_wait(s)) return true;
    if (never_ends(s, f.context) && !has_way_out(s)) return true;
  }
  // What is deferred or destroyed at the end of the scope, wherever it was declared, and the variable itself.
  for (unsigned i = f.index_of(scope); i < f.end_of(scope); ++i) {
    const auto& [s, in] = f.statements[i];
    if (goroutine != nullptr && in->is_within(goroutine)) continue;
    // A lambda that is kept may be a guard's.
    if ((in->how == role::deferred || in->how == role::other) && may_wait(s)) return true;
    const auto* d = llvm::dyn_cast<DeclStmt>(s);
    if (d == nullptr) continue;
    for (const Decl* one : d->decls()) {
      if (const auto* local = llvm::dyn_cast<VarDecl>(one); local != nullptr && (end_may_wait(local->getType()) || may_own_a_deleter(local))) return true;
    }
  }
  return end_may_wait(v->getType());
}

bool lives_as_long_as_the_program(const facts& f, const VarDecl* v, const Stmt* scope) {
  const unit* whole = f.units.front().get();
  return whole->function->isMain() && (scope == whole->body || llvm::isa<ParmVarDecl>(v)) && v->getDeclContext() == whole->function;
}

bool is_loop_variable(const VarDecl* v, const Stmt* scope) {
  if (const auto* r = llvm::dyn_cast<CXXForRangeStmt>(scope)) return r->getLoopVariable() == v;
  return llvm::isa<ForStmt>(scope);
}

// Anything else might need a channel that is not const.
bool is_operand(const facts& f, const mention& m) {
  for (const use& u : f.uses) {
    const operation o = operation_of(u.where);
    if (o.object != nullptr && bare(o.object) == m.where) return true;
  }
  return false;
}

// [&x] of a small value that the goroutine only reads: [x] is the same and cannot dangle.
std::vector<FixItHint> by_value(const facts& f, const unit* goroutine, const reference& r) {
  const LambdaExpr* lambda = goroutine->lambda;
  // Beside = no name may be captured by value.
  if (lambda->getCaptureDefault() == LCD_ByCopy || !(r.to->getType()->isScalarType() || is_channel(r.to->getType()))) return {};
  for (const LambdaCapture& c : lambda->explicit_captures()) {
    if (!c.capturesVariable() || c.getCapturedVar() != r.to || c.getCaptureKind() != LCK_ByRef || c.getLocation().isMacroID()) continue;
    const auto mentions = f.mentions.find(r.to);
    if (mentions == f.mentions.end()) return {};
    for (const mention& m : mentions->second) {
      if (!m.in->is_within(goroutine)) continue;
      if (is_channel(r.to->getType()) && is_operand(f, m)) continue;
      const Stmt* p = f.parent(m.where);
      const auto* cast = llvm::dyn_cast_or_null<ImplicitCastExpr>(p);
      const bool is_read = cast != nullptr && (cast->getCastKind() == CK_LValueToRValue || cast->getCastKind() == CK_NoOp ||
                                               cast->getCastKind() == CK_UncheckedDerivedToBase);
      if (!is_read || is_channel(r.to->getType())) return {};
    }
    // Written after the start, another goroutine's value was wanted.
    for (const mention& m : mentions->second) {
      if (!m.in->is_within(goroutine) && m.index > f.index_of(lambda) && !is_loop_variable(r.to, f.scope_of(r.to))) return {};
    }
    const SourceManager& sources = f.context.getSourceManager();
    const SourceLocation name = c.getLocation();
    const SourceLocation before = name.getLocWithOffset(-1);
    if (*sources.getCharacterData(before) != '&') return {};
    return {FixItHint::CreateRemoval(CharSourceRange::getCharRange(before, name))};
  }
  return {};
}

void judge(const facts& f, const report& add, const unit* goroutine, const CallExpr* start, const reference& r) {
  const Stmt* scope = f.scope_of(r.to);
  if (scope == nullptr || !f.contains(scope, start) || lives_as_long_as_the_program(f, r.to, scope)) return;
  // Declared inside the goroutine itself, for its own use.
  if (goroutine != nullptr && f.contains(goroutine->body, scope) && scope != goroutine->body) return;
  if (may_be_waited_for(f, goroutine, start, r.to, scope)) return;
  const std::string name = r.to->getNameAsString().empty() ? "a structured binding" : "'" + r.to->getNameAsString() + "'";
  const bool loop = is_loop_variable(r.to, scope);
  draft d{r.where, std::string("the goroutine refers to ") + (loop ? "the loop variable " : "the local variable ") + name +
                       (loop ? ", which is another turn's or gone when it runs" : ", which is gone when the block around it ends")};
  d.notes.emplace_back(r.to->getLocation(), name + (loop ? " lives as long as the loop" : " is declared here") +
                                                ", and nothing after the start waits for the goroutine: capture by value, or wait before it ends");
  if (goroutine != nullptr) d.fixes = by_value(f, goroutine, r);
  add(std::move(d));
}

}  // namespace

void dangling_capture(const facts& f, const report& add) {
  for (const auto& u : f.units) {
    if (u->how != role::goroutine) continue;
    for (const reference& r : references_of(u->lambda)) judge(f, add, u.get(), u->start, r);
  }
  for (const auto& [s, in] : f.statements) {
    const auto* call = llvm::dyn_cast<CallExpr>(s);
    if (call == nullptr || (ravel_function(call) != "go" && operation_of(call).what != op::group_go)) continue;
    for (const Expr* argument : call->arguments()) {
      const VarDecl* v = referred_by_argument(argument);
      if (is_plain_local(v)) judge(f, add, nullptr, call, {v, argument->getBeginLoc()});
    }
  }
}

}  // namespace ravel::vet
