// after() or tick() as one of several cases of a select in a loop: each turn makes a timer that lives until it fires, whichever case was
// taken; tick()'s lives for ever. Silent where the turn always waits for it.

#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

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
    // A loop whose turn always ends it runs once.
    add({s->getBeginLoc(), name == "after" ? "each turn of the loop makes a timer here that lives until it fires, though another case was taken"
                                           : "each turn of the loop makes a ticker here that nobody can stop",
         {{loop->getBeginLoc(), name == "after" ? "make one ravel::timer before the loop and reset it in each turn, or one deadline"
                                                : "make one ravel::ticker before the loop"}}});
  }
}

}  // namespace ravel::vet
