// A local wait_group that goroutines are counted in and that nobody waits for, though nobody else can: every use of it is seen.

#include <clang/AST/DeclCXX.h>

#include "instrument/vet/check.hpp"
#include "instrument/vet/waiting.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

// Then the end of the variable never comes.
bool stays(const facts& f, const VarDecl* v) {
  const Stmt* scope = f.scope_of(v);
  if (scope == nullptr) return false;
  for (unsigned i = f.index_of(scope); i < f.end_of(scope); ++i) {
    const auto& [s, in] = f.statements[i];
    if (in == f.unit_of(scope) && never_ends(s, f.context) && !has_way_out(s)) return true;
  }
  return false;
}

}  // namespace

void missing_wait(const facts& f, const report& add) {
  for (const auto& [v, mentions] : f.mentions) {
    if (ravel_type(v->getType()) != "wait_group" || !v->isLocalVarDecl() || !v->hasLocalStorage() || v->getType()->isReferenceType() ||
        v->getType()->isPointerType()) continue;
    const use* counted = nullptr;
    bool only_counted = true, has_goroutine = false;
    std::size_t counts = 0;
    for (const use& u : f.uses) {
      if (u.on.root != v) continue;
      if (u.on.path != v->getNameAsString() || u.what == op::wait) only_counted = false;
      ++counts;
      has_goroutine = has_goroutine || u.what == op::group_go || u.in->how == role::goroutine;
      if (counted == nullptr && (u.what == op::add || u.what == op::group_go)) counted = &u;
    }
    // A mention that is none of these hands it to somebody, who may wait.
    if (counted == nullptr || !has_goroutine || !only_counted || counts != mentions.size() || stays(f, v)) continue;
    add({v->getLocation(), "nobody waits for '" + v->getNameAsString() + "': goroutines that it counts may still run when it is gone",
         {{counted->where->getBeginLoc(), "counted up here; call " + v->getNameAsString() + ".wait() at the end of its block"}}});
  }
}

}  // namespace ravel::vet
