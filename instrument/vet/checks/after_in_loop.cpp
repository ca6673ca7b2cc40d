// after() or tick() as one of several cases of a select in a loop: each turn makes a timer that lives until it fires, whichever case was
// taken; tick()'s lives for ever. Silent where the turn always waits for it, where
// the other cases only tell the loop to stop, and where it ends the loop after.

#include <clang/AST/DeclTemplate.h>
#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

bool ends_loop(const Stmt* s) {
  if (llvm::isa_and_nonnull<ReturnStmt, BreakStmt, CXXThrowExpr>(s)) return true;
  if (const auto* e = llvm::dyn_cast_or_null<ExprWithCleanups>(s)) return ends_loop(e->getSubExpr());
  if (const auto* block = llvm::dyn_cast_or_null<CompoundStmt>(s)) return !block->body_empty() && ends_loop(block->body_back());
  const auto* i = llvm::dyn_cast_or_null<IfStmt>(s);
  return i != nullptr && i->getElse() != nullptr && ends_loop(i->getThen()) && ends_loop(i->getElse());
}

bool has_continue(const Stmt* s) {
  if (s == nullptr || llvm::isa<LambdaExpr>(s)) return false;
  if (llvm::isa<ContinueStmt>(s)) return true;
  for (const Stmt* child : s->children()) {
    if (has_continue(child)) return true;
  }
  return false;
}

// What stands in a block that always ends the loop is run once.
bool runs_once(const facts& f, const Stmt* s, const Stmt* loop) {
  for (const Stmt* p = f.parent(s); p != nullptr && p != loop && !llvm::isa<SwitchStmt>(p); p = f.parent(p)) {
    if (llvm::isa<CompoundStmt>(p) && ends_loop(p) && !has_continue(p)) return true;
  }
  return false;
}

// done() of a context, or a channel of unit: it tells to stop, once.
bool tells_to_stop(const Expr* channel) {
  channel = bare(channel);
  if (const auto* call = llvm::dyn_cast<CXXMemberCallExpr>(channel)) {
    const CXXMethodDecl* m = call->getMethodDecl();
    if (m != nullptr && is_in_ravel(m) && m->getIdentifier() != nullptr && m->getName() == "done") return true;
  }
  const auto* of = llvm::dyn_cast_or_null<ClassTemplateSpecializationDecl>(channel->getType().getNonReferenceType()->getAsCXXRecordDecl());
  if (of == nullptr || of->getTemplateArgs().size() == 0 || of->getTemplateArgs()[0].getKind() != TemplateArgument::Type) return false;
  return ravel_type(of->getTemplateArgs()[0].getAsType()) == "unit";
}

// The timer ends each turn but the last, when every other case is for stopping.
bool only_stops(const CallExpr* select, const Stmt* timer, const facts& f) {
  for (const Expr* e : select->arguments()) {
    if (f.contains(e, timer)) continue;
    const operation o = operation_of(bare(e));
    if (o.what != op::select_recv || !tells_to_stop(o.object)) return false;
  }
  return true;
}

}  // namespace

void after_in_loop(const facts& f, const report& add) {
  for (const auto& [s, in] : f.statements) {
    const llvm::StringRef name = ravel_function(s);
    if (name != "after" && name != "tick") continue;
    const Stmt* loop = f.loop_around(s);
    if (loop == nullptr) continue;
    const CallExpr* select = nullptr;
    for (const Stmt* p = f.parent(s); p != nullptr && p != loop && !llvm::isa<LambdaExpr>(p); p = f.parent(p)) {
      if (ravel_function(p) == "select") select = llvm::cast<CallExpr>(p);
    }
    if (name == "after" && (select == nullptr || select->getNumArgs() < 2)) continue;
    if (runs_once(f, s, loop) || (select != nullptr && name == "after" && only_stops(select, s, f))) continue;
    add({s->getBeginLoc(), name == "after" ? "each turn of the loop makes a timer here that lives until it fires, though another case was taken"
                                           : "each turn of the loop makes a ticker here that nobody can stop",
         {{loop->getBeginLoc(), name == "after" ? "make one ravel::timer before the loop and reset it in each turn, or one deadline"
                                                : "make one ravel::ticker before the loop"}}});
  }
}

}  // namespace ravel::vet
