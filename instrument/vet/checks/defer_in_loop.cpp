// In Go a defer in a loop waits for the end of the function; RAVEL_DEFER runs at the end of its block. As the last statement of a turn it
// runs at once, which nobody who writes it can want.

#include <clang/AST/StmtCXX.h>
#include <clang/Basic/SourceManager.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

void defer_in_loop(const facts& f, const report& add) {
  for (const auto& u : f.units) {
    if (u->how != role::deferred) continue;
    const Stmt* statement = u->lambda;
    const Stmt* block = nullptr;
    for (const Stmt* p = f.parent(statement); p != nullptr; statement = p, p = f.parent(p)) {
      if (llvm::isa<CompoundStmt>(p)) {
        block = p;
        break;
      }
    }
    const Stmt* loop = f.loop_around(u->lambda);
    if (block == nullptr || loop == nullptr || !f.contains(loop, block)) continue;
    bool last = false;
    for (const Stmt* s : llvm::cast<CompoundStmt>(block)->body()) {
      if (s == statement) last = true;
      else if (!llvm::isa<NullStmt>(s)) last = false;
    }
    if (!last) continue;
    add({f.context.getSourceManager().getExpansionLoc(statement->getBeginLoc()),
         "nothing follows in this block, so this runs at once, not when the function ends",
         {{loop->getBeginLoc(), "to run it after the loop, declare it before the loop; else write the statement itself"}}});
  }
}

}  // namespace ravel::vet
