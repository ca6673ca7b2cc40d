// std::atomic_ref is used by one goroutine on a variable that another uses as it is: a race, which the atomic side does not prevent.
// Plain use before the goroutines and after their end is right, so only goroutines are compared, and of their plain uses only those
// that wait for nothing before; and nothing between the two starts may wait.

#include <clang/AST/DeclCXX.h>
#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"
#include "instrument/vet/waiting.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

bool is_atomic_ref(QualType t) {
  const CXXRecordDecl* r = t.isNull() ? nullptr : t->getAsCXXRecordDecl();
  return r != nullptr && is_in_std(r) && (r->getName() == "atomic_ref" || r->getName() == "__atomic_ref");
}

bool is_atomic(const facts& f, const mention& m) {
  for (const Stmt* p = f.parent(m.where); p != nullptr && !llvm::isa<CompoundStmt>(p); p = f.parent(p)) {
    if (llvm::isa<AtomicExpr>(p)) return true;
    if (const auto* made = llvm::dyn_cast<CXXConstructExpr>(p); made != nullptr && is_atomic_ref(made->getType())) return true;
    if (llvm::isa<CallExpr, DeclStmt, LambdaExpr>(p)) return false;
  }
  return false;
}

bool waits_before(const facts& f, const mention& m) {
  for (unsigned i = f.index_of(m.in->body); i < m.index; ++i) {
    const auto& [s, in] = f.statements[i];
    if (in == m.in && !f.contains(s, m.where) && may_wait(s)) return true;
  }
  return false;
}

// Between the starts the parent may wait for the first, or it starts one of them only.
bool may_be_apart(const facts& f, const unit* a, const unit* b) {
  if (f.index_of(a->start) > f.index_of(b->start)) std::swap(a, b);
  for (unsigned i = f.end_of(a->start); i < f.index_of(b->start); ++i) {
    const auto& [s, in] = f.statements[i];
    if (!in->is_within(a) && !in->is_within(b) && may_wait(s)) return true;
  }
  for (const Stmt* p = f.parent(a->start); p != nullptr; p = f.parent(p)) {
    if (llvm::isa<IfStmt, SwitchStmt, ConditionalOperator>(p) && f.contains(p, b->start)) return true;
  }
  return false;
}

}  // namespace

void atomic_and_plain(const facts& f, const report& add) {
  for (const auto& [variable, mentions] : f.mentions) {
    if (!variable->getType().getNonReferenceType()->isScalarType()) continue;
    const mention* atomic = nullptr;
    for (const mention& m : mentions) {
      if (m.in->how == role::goroutine && is_atomic(f, m)) atomic = &m;
    }
    if (atomic == nullptr) continue;
    for (const mention& m : mentions) {
      if (m.in->how != role::goroutine || m.in == atomic->in || is_atomic(f, m)) continue;
      if (m.in->is_within(atomic->in) || atomic->in->is_within(m.in)) continue;
      // Copied by a capture, or its address taken for somebody who may be atomic.
      const Stmt* p = f.parent(m.where);
      const auto* u = llvm::dyn_cast_or_null<UnaryOperator>(p);
      const bool reads = llvm::isa_and_nonnull<ImplicitCastExpr>(p) && llvm::cast<ImplicitCastExpr>(p)->getCastKind() == CK_LValueToRValue;
      const bool writes = llvm::isa_and_nonnull<BinaryOperator>(p) && llvm::cast<BinaryOperator>(p)->isAssignmentOp();
      if (!reads && !writes && !(u != nullptr && u->isIncrementDecrementOp())) continue;
      if (waits_before(f, m) || waits_before(f, *atomic) || may_be_apart(f, m.in, atomic->in)) continue;
      const std::string name = variable->getNameAsString();
      add({m.where->getLocation(), "'" + name + "' is used plainly here and by an atomic operation in another goroutine: that is a data race",
           {{atomic->where->getLocation(), "the atomic use; make '" + name + "' a std::atomic, or use std::atomic_ref in both"}}});
    }
  }
}

}  // namespace ravel::vet
