// Ravel's locks cannot be copied; what the types let through: a parameter by value, which can only be a lock that nobody else has, and
// copies of bytes.

#include <clang/AST/DeclCXX.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

bool holds_lock(QualType t, int depth = 0) {
  if (t.isNull() || t->isReferenceType() || t->isPointerType() || depth > 6) return false;
  t = t->getBaseElementTypeUnsafe()->getCanonicalTypeInternal();
  if (is_lock(t)) return true;
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (r == nullptr || !r->hasDefinition() || is_in_ravel(r)) return false;
  for (const FieldDecl* field : r->fields()) {
    if (holds_lock(field->getType(), depth + 1)) return true;
  }
  return false;
}

QualType pointed_at(const Expr* e) {
  e = e->IgnoreParenCasts();
  return e->getType()->isPointerType() ? e->getType()->getPointeeType() : QualType();
}

}  // namespace

void copied_lock(const facts& f, const report& add) {
  for (const auto& u : f.units) {
    for (const ParmVarDecl* p : u->function->parameters()) {
      if (!is_lock(p->getType()) || p->getType()->isReferenceType() || p->getType()->isPointerType()) continue;
      add({p->getLocation(), "'" + p->getNameAsString() + "' is a " + ravel_type(p->getType()).str() +
                                 " by value: each call has its own, which nobody else can know; take it by reference"});
    }
  }
  for (const auto& [s, in] : f.statements) {
    const auto* call = llvm::dyn_cast<CallExpr>(s);
    const FunctionDecl* callee = call != nullptr ? call->getDirectCallee() : nullptr;
    if (callee == nullptr || callee->getIdentifier() == nullptr || call->getNumArgs() < 3) continue;
    const llvm::StringRef name = callee->getName();
    if (name != "memcpy" && name != "memmove" && name != "__builtin_memcpy" && name != "__builtin_memmove") continue;
    if (holds_lock(pointed_at(call->getArg(0))) || holds_lock(pointed_at(call->getArg(1)))) {
      add({call->getBeginLoc(), "the bytes of a lock are copied: the copy has waiters and a state that are not its own"});
    }
  }
}

}  // namespace ravel::vet
