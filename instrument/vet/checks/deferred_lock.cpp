// m.lock(); RAVEL_DEFER { m.lock(); }: one meant unlock. At the end of the block the goroutine waits for itself. Silent where the lock is released
// anywhere in the function: then it may be meant to be held when the function returns.

#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

bool takes(op o) { return o == op::lock || o == op::lock_shared; }

// The statement before `lambda`'s own in the block that both stand in; null: there is none.
const Stmt* statement_before(const facts& f, const LambdaExpr* lambda) {
  const Stmt* statement = lambda;
  for (const Stmt* p = f.parent(statement); p != nullptr; statement = p, p = f.parent(p)) {
    const auto* block = llvm::dyn_cast<CompoundStmt>(p);
    if (block == nullptr) continue;
    const Stmt* before = nullptr;
    for (const Stmt* s : block->body()) {
      if (s == statement) return before;
      before = s;
    }
  }
  return nullptr;
}

bool is_released(const facts& f, const object& lock) {
  for (const use& u : f.uses) {
    if ((u.what == op::unlock || u.what == op::unlock_shared) && u.on == lock) return true;
  }
  return false;
}

}  // namespace

void deferred_lock(const facts& f, const report& add) {
  for (const use& second : f.uses) {
    if (!takes(second.what) || second.in->how != role::deferred || !second.on.known()) continue;
    const Stmt* before = statement_before(f, second.in->lambda);
    if (before == nullptr || is_released(f, second.on)) continue;
    for (const use& first : f.uses) {
      if (first.what != second.what || !(first.on == second.on) || first.in != second.in->parent || !f.contains(before, first.where)) continue;
      const auto* call = llvm::dyn_cast<CXXMemberCallExpr>(second.where);
      const auto* member = call == nullptr ? nullptr : llvm::dyn_cast<MemberExpr>(call->getCallee()->IgnoreParenImpCasts());
      if (member == nullptr) continue;
      const char* meant = second.what == op::lock ? "unlock" : "unlock_shared";
      add({second.where->getBeginLoc(), "locks once more at the end of the block what was locked just before, and waits for itself",
           {{first.where->getBeginLoc(), "locked here; '" + std::string(meant) + "' was meant"}},
           {FixItHint::CreateReplacement(member->getMemberLoc(), meant)}});
    }
  }
}

}  // namespace ravel::vet
