// if (!ready) c.wait(): after the wake-up the condition may be false again, or another goroutine was faster.

#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

void cond_without_loop(const facts& f, const report& add) {
  for (const use& u : f.uses) {
    if (u.what != op::cond_wait || f.loop_around(u.where) != nullptr) continue;
    const IfStmt* decides = nullptr;
    for (const Stmt *inner = u.where, *p = f.parent(inner); p != nullptr && !llvm::isa<LambdaExpr>(p); inner = p, p = f.parent(p)) {
      const auto* i = llvm::dyn_cast<IfStmt>(p);
      if (i != nullptr && inner == i->getThen()) {
        decides = i;
        break;
      }
    }
    if (decides == nullptr || decides->isConstexpr()) continue;
    draft d{u.where->getBeginLoc(), "the condition is not looked at again after the wake-up: it may be false",
            {{decides->getIfLoc(), "write 'while' for this 'if', or give wait the condition"}}};
    // Only the wait stands under it, so that a second turn does nothing else twice.
    const Stmt* then = decides->getThen();
    if (const auto* block = llvm::dyn_cast<CompoundStmt>(then); block != nullptr && block->size() == 1) then = block->body_front();
    if (const auto* e = llvm::dyn_cast<Expr>(then); e != nullptr && bare(e) == u.where && decides->getElse() == nullptr &&
                                                    !decides->getIfLoc().isMacroID() && decides->getInit() == nullptr) {
      d.fixes.push_back(FixItHint::CreateReplacement(decides->getIfLoc(), "while"));
    }
    add(std::move(d));
  }
}

}  // namespace ravel::vet
