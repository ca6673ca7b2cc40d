#include "instrument/vet/waiting.hpp"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/StmtCXX.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/StringSwitch.h>

namespace ravel::vet {

using namespace clang;

namespace {

using callees = llvm::SmallDenseSet<const FunctionDecl*, 16>;

bool function_may_wait(const FunctionDecl* f, callees& asked);

// A call of Ravel's that only starts, tells or makes something.
bool ravel_call_may_wait(const CallExpr* call, llvm::StringRef name) {
  switch (operation_of(call).what) {
    case op::try_send: case op::close: case op::add: case op::done: case op::group_go: case op::unlock: case op::unlock_shared:
      return false;
    case op::none: break;
    default: return true;
  }
  return !llvm::StringSwitch<bool>(name)
              .Cases("go", "make_chan", "sleep_for", "sleep_until", "signal", "broadcast", "len", "cap", true)
              .Cases("with_cancel", "with_timeout", "with_deadline", "with_cancel_cause", "with_value", "background", true)
              .Cases("this_goroutine_id", "num_goroutine", "gomaxprocs", "dump_goroutines", "now", "after", "tick", "after_func", true)
              .Cases("done", "err", "deadline", "stop", "reset", "c", true)
              .Default(false);
}

bool std_call_may_wait(llvm::StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases("join", "get", "wait", "wait_for", "wait_until", "arrive_and_wait", "acquire", "lock", true)
      .Cases("load", "operator()", "exit", "quick_exit", "abort", "terminate", true)
      .Default(false);
}

bool inside_may_wait(const Stmt* s, callees& asked);

bool statement_may_wait(const Stmt* s, callees& asked) {
  if (llvm::isa<CXXForRangeStmt>(s)) return operation_of(s).what == op::range;
  if (llvm::isa<CXXDeleteExpr, CXXTypeidExpr>(s)) return true;
  if (const auto* made = llvm::dyn_cast<CXXConstructExpr>(s)) {
    const CXXConstructorDecl* c = made->getConstructor();
    return !c->isImplicit() && !is_in_ravel(c) && !c->isInStdNamespace() && !c->isDefaulted() && function_may_wait(c, asked);
  }
  const auto* call = llvm::dyn_cast<CallExpr>(s);
  if (call == nullptr) return false;
  const FunctionDecl* f = call->getDirectCallee();
  if (f == nullptr) return true;
  if (f->isNoReturn()) return true;
  const bool named = f->getIdentifier() != nullptr;
  if (is_in_ravel(f)) {
    if (named) return ravel_call_may_wait(call, f->getName());
    // Operators: << and >> are operations; cancel functions, comparisons and RAVEL_DEFER only do their own.
    const op o = operation_of(call).what;
    return o == op::send || o == op::recv_into;
  }
  if (f->isInStdNamespace()) {
    if (llvm::isa<CXXConversionDecl>(f)) return true;  // of an atomic: a loop may poll it
    return std_call_may_wait(named ? f->getName() : f->getOverloadedOperator() == OO_Call ? "operator()" : "");
  }
  if (f->getBuiltinID() != 0) return false;
  return function_may_wait(f, asked);
}

bool inside_may_wait(const Stmt* s, callees& asked) {
  if (s == nullptr) return false;
  if (statement_may_wait(s, asked)) return true;
  // What a lambda does is done when it is called; its call is seen as such, or it is handed to code that is not known.
  if (llvm::isa<LambdaExpr>(s)) return false;
  for (const Stmt* child : s->children()) {
    if (inside_may_wait(child, asked)) return true;
  }
  return false;
}

bool function_may_wait(const FunctionDecl* f, callees& asked) {
  const FunctionDecl* definition = nullptr;
  const Stmt* body = f->getBody(definition);
  if (f->isDependentContext()) return true;
  if (body == nullptr) return !(f->isExternC() && f->getASTContext().getSourceManager().isInSystemHeader(f->getLocation()));
  if (const auto* m = llvm::dyn_cast<CXXMethodDecl>(f); m != nullptr && m->isVirtual()) return true;
  if (!asked.insert(definition).second) return false;  // recursion: decided by the rest
  for (const ParmVarDecl* p : f->parameters()) {
    // It may call what it was given.
    const CXXRecordDecl* given = p->getType().getNonReferenceType()->getAsCXXRecordDecl();
    if (given != nullptr && (given->isLambda() || (given->isInStdNamespace() && given->getName().contains("function")))) return true;
  }
  return inside_may_wait(body, asked);
}

}  // namespace

bool may_wait(const Stmt* s) {
  callees asked;
  return statement_may_wait(s, asked);
}

bool end_may_wait(QualType t) {
  const CXXRecordDecl* record = t.getNonReferenceType()->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
  if (record == nullptr || !record->hasDefinition() || record->hasTrivialDestructor() || is_in_ravel(record)) return false;
  if (record->isInStdNamespace()) {
    if (record->getName() == "jthread" || record->getName() == "future") return true;
    const auto* of = llvm::dyn_cast<ClassTemplateSpecializationDecl>(record);
    if (of == nullptr) return false;
    for (const TemplateArgument& a : of->getTemplateArgs().asArray()) {
      if (a.getKind() == TemplateArgument::Type && end_may_wait(a.getAsType())) return true;
    }
    return false;
  }
  if (const CXXDestructorDecl* d = record->getDestructor(); d != nullptr && d->isUserProvided()) {
    callees asked;
    if (function_may_wait(d, asked)) return true;
  }
  for (const FieldDecl* f : record->fields()) {
    if (end_may_wait(f->getType())) return true;
  }
  for (const CXXBaseSpecifier& b : record->bases()) {
    if (end_may_wait(b.getType())) return true;
  }
  return false;
}

}  // namespace ravel::vet
