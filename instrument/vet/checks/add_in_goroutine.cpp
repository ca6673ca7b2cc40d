// The goroutine counts itself, so wait may run before the count goes up. Silent where anything was added before its start: a goroutine
// that is counted may add for others; and where something that may wait for it stands between start and wait.

#include "instrument/vet/check.hpp"
#include "instrument/vet/waiting.hpp"

namespace ravel::vet {

namespace {

bool waits_between(const facts& f, const use& added, const clang::Stmt* wait) {
  for (unsigned i = f.end_of(added.in->start); i < f.index_of(wait); ++i) {
    if (!f.statements[i].second->is_within(added.in) && may_wait(f.statements[i].first)) return true;
  }
  return false;
}

}  // namespace

void add_in_goroutine(const facts& f, const report& add) {
  for (const use& u : f.uses) {
    if (u.what != op::add || u.in->how != role::goroutine || !u.on.known()) continue;
    bool waited_for = false, counted = false;
    for (const use& other : f.uses) {
      if (other.on != u.on || other.in->is_within(u.in)) continue;
      if (other.what == op::wait && other.index > f.index_of(u.in->start) && !waits_between(f, u, other.where)) waited_for = true;
      if ((other.what == op::add || other.what == op::group_go) && other.index <= f.index_of(u.in->start)) counted = true;
    }
    // A group that came from elsewhere may have been counted up there.
    const bool own = u.on.root != nullptr && u.on.root->hasLocalStorage() && !llvm::isa<clang::ParmVarDecl>(u.on.root) &&
                     !u.on.root->getType()->isReferenceType() && !u.on.root->getType()->isPointerType();
    if (!waited_for || counted || !own) continue;
    add({u.where->getBeginLoc(), "'" + u.on.path + "' is counted up inside the goroutine: wait may return before it has begun",
         {{u.in->start->getBeginLoc(), "started here: call add before this, or start it by '" + u.on.path + ".go'"}}});
  }
}

}  // namespace ravel::vet
