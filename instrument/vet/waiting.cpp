#include "instrument/vet/waiting.hpp"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/StmtCXX.h>
#include <clang/Basic/SourceManager.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/StringSwitch.h>

namespace ravel::vet {

using namespace clang;

namespace {

using callees = llvm::SmallDenseSet<const FunctionDecl*, 16>;

bool function_may_wait(const FunctionDecl* f, callees& asked);

// A call of Ravel's that only starts, tells or makes something. What tells of others (len, err, num_goroutine, try_send) is polled by loops.
bool ravel_call_may_wait(const CallExpr* call, llvm::StringRef name) {
  switch (operation_of(call).what) {
    case op::close: case op::add: case op::done: case op::group_go: case op::unlock: case op::unlock_shared:
      return false;
    case op::none: break;
    default: return true;
  }
  return !llvm::StringSwitch<bool>(name)
              .Cases("go", "make_chan", "sleep_for", "sleep_until", "signal", "broadcast", true)
              .Cases("with_cancel", "with_timeout", "with_deadline", "with_cancel_cause", "with_value", "background", true)
              .Cases("this_goroutine_id", "gomaxprocs", "dump_goroutines", "now", "after", "tick", "after_func", true)
              .Cases("done", "deadline", "reset", "c", true)
              .Default(false);
}

// Classes of which each member may wait, or is polled.
bool is_waiting_class(llvm::StringRef name) {
  for (const char* part : {"atomic", "semaphore", "latch", "barrier", "thread", "future", "promise", "task", "mutex", "condition_variable", "stop_",
                           "istream", "ifstream", "function", "_Bind", "_Mem_fn", "coroutine", "generator"}) {
    if (name.contains(part)) return true;
  }
  return name == "unique_lock" || name == "shared_lock" || name == "lock_guard" || name == "scoped_lock";
}

bool type_may_wait(QualType t, callees& asked, int depth);

bool arguments_may_wait(const TemplateArgumentList& arguments, callees& asked, int depth) {
  for (const TemplateArgument& a : arguments.asArray()) {
    if (a.getKind() == TemplateArgument::Type && type_may_wait(a.getAsType(), asked, depth)) return true;
    if (a.getKind() != TemplateArgument::Pack) continue;
    for (const TemplateArgument& one : a.pack_elements()) {
      if (one.getKind() == TemplateArgument::Type && type_may_wait(one.getAsType(), asked, depth)) return true;
    }
  }
  return false;
}

// May making, comparing, calling or destroying an object of it wait? The standard library does so with what it holds.
bool type_may_wait(QualType t, callees& asked, int depth = 0) {
  if (depth > 4) return true;
  const CXXRecordDecl* r = t.getNonReferenceType()->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
  if (r == nullptr || !r->hasDefinition()) return false;
  if (is_in_ravel(r)) return end_may_wait(t);
  if (is_in_std(r)) {
    if (r->getIdentifier() != nullptr && is_waiting_class(r->getName())) return true;
    const auto* of = llvm::dyn_cast<ClassTemplateSpecializationDecl>(r);
    return of != nullptr && arguments_may_wait(of->getTemplateArgs(), asked, depth + 1);
  }
  for (const CXXMethodDecl* m : r->methods()) {
    if (m->isImplicit() || m->isDefaulted() || m->isDeleted()) continue;
    if (!llvm::isa<CXXConstructorDecl, CXXDestructorDecl>(m) && !m->isOverloadedOperator()) continue;
    if (function_may_wait(m, asked)) return true;
  }
  return end_may_wait(t);
}

bool is_callable(QualType t) {
  t = t.getNonReferenceType();
  if (t->isFunctionType() || t->isFunctionPointerType() || t->isMemberPointerType()) return true;
  const CXXRecordDecl* r = t->getAsCXXRecordDecl();
  if (r == nullptr || !r->hasDefinition()) return false;
  if (r->isLambda()) return true;
  const DeclarationName call = r->getASTContext().DeclarationNames.getCXXOperatorName(OO_Call);
  return !r->lookup(call).empty();
}

// It calls what it is given, and what its elements know.
bool std_call_may_wait(const CallExpr* call, const FunctionDecl* f, callees& asked) {
  const llvm::StringRef name = f->getIdentifier() != nullptr ? f->getName() : llvm::StringRef();
  if (f->getOverloadedOperator() == OO_Call) return true;
  if (const auto* method = llvm::dyn_cast<CXXMethodDecl>(f)) {
    const CXXRecordDecl* r = method->getParent();
    if (r->getIdentifier() != nullptr && is_waiting_class(r->getName())) return true;
    const OverloadedOperatorKind o = f->getOverloadedOperator();
    const bool looks = o == OO_Arrow || o == OO_Star || o == OO_Subscript || llvm::isa<CXXConversionDecl>(f) ||
                       llvm::StringSwitch<bool>(name).Cases("get", "size", "empty", "begin", "end", "data", "has_value", true).Default(false);
    if (looks) return false;
    if (name == "use_count" || name == "expired") return true;
    const auto* of = llvm::dyn_cast<ClassTemplateSpecializationDecl>(r);
    if (of != nullptr && arguments_may_wait(of->getTemplateArgs(), asked, 0)) return true;
  } else if (name.starts_with("atomic_") || name == "async" || name == "invoke" || name == "apply" || name == "visit") {
    return true;
  }
  for (const Expr* e : call->arguments()) {
    if (is_callable(e->getType()) || type_may_wait(e->getType(), asked)) return true;
  }
  return false;
}

// Functions of C that are no builtins and still only compute, or sleep.
bool c_function_may_wait(const FunctionDecl* f) {
  if (!f->isExternC() || !f->getASTContext().getSourceManager().isInSystemHeader(f->getLocation()) || f->getIdentifier() == nullptr) return true;
  return !llvm::StringSwitch<bool>(f->getName())
              .Cases("sleep", "usleep", "nanosleep", "clock_gettime", "gettimeofday", "time", "clock", "getpid", "gettid", true)
              .Cases("rand", "srand", "random", "srandom", "atoi", "atol", "atof", "strtol", "strtoul", "strtod", true)
              .Cases("getenv", "strerror", "isatty", "sysconf", true)
              .Default(false);
}

bool inside_may_wait(const Stmt* s, callees& asked);

bool statement_may_wait(const Stmt* s, callees& asked) {
  if (llvm::isa<CXXForRangeStmt>(s)) return operation_of(s).what == op::range;
  if (llvm::isa<CXXDeleteExpr, CXXTypeidExpr>(s)) return true;
  if (llvm::isa<AtomicExpr, CoawaitExpr, CoyieldExpr, AsmStmt>(s)) return true;  // a loop may poll it
  if (const auto* made = llvm::dyn_cast<CXXConstructExpr>(s)) {
    const CXXConstructorDecl* c = made->getConstructor();
    if (is_in_ravel(c)) return false;
    if (is_in_std(c)) return c->getParent()->getIdentifier() != nullptr && c->getParent()->getName().ends_with("lock") && made->getNumArgs() > 0;
    return !c->isImplicit() && !c->isDefaulted() && function_may_wait(c, asked);
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
  if (is_in_std(f)) return std_call_may_wait(call, f, asked);
  if (f->getBuiltinID() != 0) return f->getIdentifier() != nullptr && f->getName().starts_with("__sync_");
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
  if (body == nullptr) return c_function_may_wait(f);
  if (const auto* m = llvm::dyn_cast<CXXMethodDecl>(f); m != nullptr && m->isVirtual()) return true;
  if (!asked.insert(definition).second) return false;  // recursion: decided by the rest
  for (const ParmVarDecl* p : f->parameters()) {
    // It may call what it was given.
    const CXXRecordDecl* given = p->getType().getNonReferenceType()->getAsCXXRecordDecl();
    if (given != nullptr && (given->isLambda() || (is_in_std(given) && given->getName().contains("function")))) return true;
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
  if (record == nullptr || !record->hasDefinition() || record->hasTrivialDestructor()) return false;
  if (is_in_ravel(record)) {
    const llvm::StringRef name = record->getIdentifier() != nullptr ? record->getName() : llvm::StringRef();
    return name == "pipeline" || name == "transport";
  }
  if (is_in_std(record)) {
    const llvm::StringRef name = record->getIdentifier() != nullptr ? record->getName() : llvm::StringRef();
    if (name == "jthread" || name == "future" || name == "any") return true;
    const auto* of = llvm::dyn_cast<ClassTemplateSpecializationDecl>(record);
    if (of == nullptr) return false;
    for (const TemplateArgument& a : of->getTemplateArgs().asArray()) {
      if (a.getKind() != TemplateArgument::Type) continue;
      // A deleter is called, and what it is for is not said by the type.
      const CXXRecordDecl* given = a.getAsType()->getAsCXXRecordDecl();
      if (a.getAsType()->isVoidType() || (given != nullptr && !is_in_std(given) && is_callable(a.getAsType()))) return true;
      if (a.getAsType()->isFunctionPointerType() || end_may_wait(a.getAsType())) return true;
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

bool never_ends(const Stmt* loop, const ASTContext& context) {
  const Expr* condition = nullptr;
  if (const auto* l = llvm::dyn_cast<ForStmt>(loop)) condition = l->getCond();
  else if (const auto* l = llvm::dyn_cast<WhileStmt>(loop)) condition = l->getCond();
  else if (const auto* l = llvm::dyn_cast<DoStmt>(loop)) condition = l->getCond();
  else return false;
  bool value = true;
  return condition == nullptr || (condition->EvaluateAsBooleanCondition(value, context) && value);
}

namespace {

// `breakable`: a break inside s leaves only something inside the loop.
bool is_left(const Stmt* s, bool breakable) {
  if (s == nullptr || llvm::isa<LambdaExpr>(s)) return false;
  if (llvm::isa<ReturnStmt, GotoStmt, IndirectGotoStmt>(s) || (llvm::isa<BreakStmt>(s) && !breakable)) return true;
  const bool inner = breakable || llvm::isa<ForStmt, WhileStmt, DoStmt, CXXForRangeStmt, SwitchStmt>(s);
  for (const Stmt* child : s->children()) {
    if (is_left(child, inner)) return true;
  }
  return false;
}

}  // namespace

bool has_way_out(const Stmt* loop) {
  for (const Stmt* child : loop->children()) {
    if (is_left(child, false)) return true;
  }
  return false;
}

}  // namespace ravel::vet
