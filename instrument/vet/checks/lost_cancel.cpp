// A cancel function that is dropped, or that a way to the end of its scope neither calls nor hands on: the context stays known to its parent, and its
// timer runs. Any use counts, as in go vet. Unlike there a child of a context that this function made is left alone, since it ends with its
// parent, and so is one whose cancel function is left out in so many words, by .ctx, where a deadline or a parent ends it.

#include <clang/AST/DeclCXX.h>
#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"
#include "instrument/vet/paths.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

bool makes_cancel(const Expr* e) {
  const llvm::StringRef name = ravel_function(bare(e));
  return name == "with_cancel" || name == "with_timeout" || name == "with_deadline" || name == "with_cancel_cause";
}

bool has_deadline(const Expr* made) {
  const llvm::StringRef name = ravel_function(bare(made));
  return name == "with_timeout" || name == "with_deadline";
}

const Expr* parent_of(const Expr* made) {
  const auto* call = llvm::dyn_cast<CallExpr>(bare(made));
  return call != nullptr && call->getNumArgs() > 0 ? bare(call->getArg(0)) : nullptr;
}

bool is_root(const Expr* parent) {
  const llvm::StringRef name = ravel_function(parent);
  return name == "background" || name == "todo";
}

// [ctx, cancel] of this function.
bool is_made_here(const Expr* parent) {
  const auto* name = llvm::dyn_cast_or_null<DeclRefExpr>(parent);
  return name != nullptr && llvm::isa<BindingDecl>(name->getDecl());
}

// Does s, or for a lambda anything inside it, mention the variable or binding?
bool mentions(const Stmt* s, const ValueDecl* what) {
  if (const auto* name = llvm::dyn_cast<DeclRefExpr>(s)) return name->getDecl() == what;
  const auto* lambda = llvm::dyn_cast<LambdaExpr>(s);
  if (lambda == nullptr) return false;
  const std::function<bool(const Stmt*)> inside = [&](const Stmt* t) {
    if (t == nullptr) return false;
    if (const auto* name = llvm::dyn_cast<DeclRefExpr>(t); name != nullptr && name->getDecl() == what) return true;
    for (const Stmt* child : t->children()) {
      if (inside(child)) return true;
    }
    return false;
  };
  for (const LambdaCapture& c : lambda->captures()) {
    if (c.capturesVariable() && c.getCapturedVar() == what) return true;
  }
  return inside(lambda->getBody());
}

void judge_binding(const facts& f, const report& add, const DeclStmt* d, const unit* in, const ValueDecl* cancel) {
  bool used = false;
  for (const auto& [s, where] : f.statements) used = used || mentions(s, cancel);
  const std::string name = "'" + cancel->getNameAsString() + "'";
  if (!used) {
    add({cancel->getLocation(), name + " is never used: the context stays known to its parent, and its timer runs",
         {{d->getBeginLoc(), "write RAVEL_DEFER { " + cancel->getNameAsString() + "(); }; after this"}}});
    return;
  }
  if (in->function->isMain()) return;  // the process ends with it
  const way_out way = find_way_out(f, in, d, [&](const Stmt* s) { return s != d && mentions(s, cancel); }, [](const Stmt*) { return false; });
  if (!way.found) return;
  draft out{cancel->getLocation(), name + " is not used on a way out of the function: the context stays known to its parent, and its timer runs"};
  if (way.at != nullptr && way.at != d) out.notes.emplace_back(way.at->getBeginLoc(), "this way; write RAVEL_DEFER { " + cancel->getNameAsString() + "(); }; where it is made");
  else out.notes.emplace_back(d->getBeginLoc(), "write RAVEL_DEFER { " + cancel->getNameAsString() + "(); }; after this");
  add(std::move(out));
}

}  // namespace

void lost_cancel(const facts& f, const report& add) {
  for (const auto& [s, in] : f.statements) {
    if (const auto* member = llvm::dyn_cast<MemberExpr>(s)) {
      if (member->getMemberDecl()->getNameAsString() == "ctx" && makes_cancel(member->getBase()) &&
          is_root(parent_of(member->getBase())) && !has_deadline(member->getBase())) {
        add({member->getMemberLoc(), "the cancel function is dropped here: the context stays known to its parent, and its timer runs",
             {{member->getBeginLoc(), "write auto [ctx, cancel] = ...; RAVEL_DEFER { cancel(); };"}}});
      }
      continue;
    }
    const auto* d = llvm::dyn_cast<DeclStmt>(s);
    if (d == nullptr || !d->isSingleDecl()) continue;
    const auto* pair = llvm::dyn_cast<DecompositionDecl>(d->getSingleDecl());
    if (pair == nullptr || !pair->hasInit() || pair->bindings().size() != 2 || !makes_cancel(pair->getInit()) ||
        is_made_here(parent_of(pair->getInit()))) continue;
    judge_binding(f, add, d, in, pair->bindings()[1]);
  }
}

}  // namespace ravel::vet
