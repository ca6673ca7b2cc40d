#include "instrument/vet/vocabulary.hpp"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/StmtCXX.h>
#include <llvm/ADT/StringSwitch.h>

namespace ravel::vet {

using namespace clang;

namespace {

bool is_in_namespace(const Decl* d, llvm::StringRef name) {
  if (d == nullptr) return false;
  const NamespaceDecl* outermost = nullptr;
  for (const DeclContext* c = d->getDeclContext(); c != nullptr; c = c->getParent()) {
    if (const auto* n = llvm::dyn_cast<NamespaceDecl>(c)) outermost = n;
  }
  return outermost != nullptr && outermost->getName() == name;
}

}  // namespace

bool is_in_ravel(const Decl* d) { return is_in_namespace(d, "ravel"); }
bool is_in_std(const Decl* d) { return is_in_namespace(d, "std"); }

bool is_receive(op o) { return o == op::recv || o == op::recv_into || o == op::try_recv || o == op::range || o == op::select_recv; }
bool is_send(op o) { return o == op::send || o == op::try_send || o == op::select_send; }

llvm::StringRef ravel_type(QualType t) {
  if (t.isNull()) return {};
  t = t.getNonReferenceType();
  if (t->isPointerType()) t = t->getPointeeType();
  const CXXRecordDecl* record = t->getAsCXXRecordDecl();
  return record != nullptr && record->getIdentifier() != nullptr && is_in_ravel(record) ? record->getName() : llvm::StringRef();
}

bool is_channel(QualType t) {
  const llvm::StringRef name = ravel_type(t);
  return name == "chan" || name == "recv_chan" || name == "send_chan";
}

bool is_lock(QualType t) {
  const llvm::StringRef name = ravel_type(t);
  return name == "mutex" || name == "rw_mutex" || name == "wait_group" || name == "once" || name == "cond" || name == "pool";
}

const Expr* bare(const Expr* e) {
  while (e != nullptr) {
    e = e->IgnoreParenImpCasts();
    const Expr* inside = nullptr;
    if (const auto* m = llvm::dyn_cast<MaterializeTemporaryExpr>(e)) inside = m->getSubExpr();
    else if (const auto* b = llvm::dyn_cast<CXXBindTemporaryExpr>(e)) inside = b->getSubExpr();
    else if (const auto* w = llvm::dyn_cast<ExprWithCleanups>(e)) inside = w->getSubExpr();
    else if (const auto* f = llvm::dyn_cast<CXXFunctionalCastExpr>(e)) inside = f->getSubExpr();
    else if (const auto* c = llvm::dyn_cast<CXXConstructExpr>(e)) {
      if (c->getNumArgs() == 1 && (c->getConstructor()->isCopyOrMoveConstructor() || c->isElidable())) inside = c->getArg(0);
    } else if (const auto* call = llvm::dyn_cast<CXXMemberCallExpr>(e)) {
      // chan to recv_chan
      if (llvm::isa_and_nonnull<CXXConversionDecl>(call->getMethodDecl()) && is_channel(call->getType())) inside = call->getImplicitObjectArgument();
    } else if (const auto* call = llvm::dyn_cast<CallExpr>(e)) {
      const FunctionDecl* f = call->getDirectCallee();
      if (f != nullptr && is_in_std(f) && f->getIdentifier() != nullptr && f->getName() == "move" && call->getNumArgs() == 1) inside = call->getArg(0);
    }
    if (inside == nullptr) return e;
    e = inside;
  }
  return e;
}

const VarDecl* variable_of(const Expr* e) {
  e = bare(e);
  const auto* name = llvm::dyn_cast_or_null<DeclRefExpr>(e);
  return name != nullptr ? llvm::dyn_cast<VarDecl>(name->getDecl()) : nullptr;
}

const Expr* argument_of_ref(const Expr* e) {
  const auto* call = llvm::dyn_cast_or_null<CallExpr>(bare(e));
  const FunctionDecl* callee = call != nullptr ? call->getDirectCallee() : nullptr;
  if (callee == nullptr || !is_in_std(callee) || callee->getIdentifier() == nullptr || call->getNumArgs() != 1) return nullptr;
  return callee->getName() == "ref" || callee->getName() == "cref" ? call->getArg(0) : nullptr;
}

std::optional<std::uint64_t> capacity_of(const VarDecl* channel, const ASTContext& context) {
  const auto* call = channel != nullptr && channel->hasInit() ? llvm::dyn_cast_or_null<CallExpr>(bare(channel->getInit())) : nullptr;
  if (call == nullptr || ravel_function(call) != "make_chan") return std::nullopt;
  if (call->getNumArgs() == 0 || llvm::isa<CXXDefaultArgExpr>(call->getArg(0))) return 0;
  Expr::EvalResult value;
  if (!call->getArg(0)->EvaluateAsInt(value, context)) return std::nullopt;
  return value.Val.getInt().getZExtValue();
}

llvm::StringRef ravel_function(const Stmt* s) {
  const auto* call = llvm::dyn_cast_or_null<CallExpr>(s);
  if (call == nullptr || llvm::isa<CXXMemberCallExpr, CXXOperatorCallExpr>(call)) return {};
  const FunctionDecl* f = call->getDirectCallee();
  return f != nullptr && f->getIdentifier() != nullptr && is_in_ravel(f) ? f->getName() : llvm::StringRef();
}

namespace {

op channel_operation(llvm::StringRef name) {
  return llvm::StringSwitch<op>(name).Case("send", op::send).Case("try_send", op::try_send).Case("recv", op::recv)
      .Case("try_recv", op::try_recv).Case("close", op::close).Default(op::none);
}

op lock_operation(llvm::StringRef name) {
  return llvm::StringSwitch<op>(name).Case("lock", op::lock).Case("unlock", op::unlock).Case("lock_shared", op::lock_shared)
      .Case("unlock_shared", op::unlock_shared).Default(op::none);
}

op group_operation(llvm::StringRef name) {
  return llvm::StringSwitch<op>(name).Case("add", op::add).Case("done", op::done).Case("wait", op::wait).Case("go", op::group_go)
      .Default(op::none);
}

operation member_operation(const CXXMemberCallExpr* call) {
  const CXXMethodDecl* method = call->getMethodDecl();
  if (method == nullptr || method->getIdentifier() == nullptr) return {};
  const Expr* object = call->getImplicitObjectArgument();
  const llvm::StringRef type = ravel_type(object->IgnoreParenImpCasts()->getType());
  const llvm::StringRef name = method->getName();
  if (type == "chan" || type == "recv_chan" || type == "send_chan") return {channel_operation(name), object};
  if (type == "mutex" || type == "rw_mutex") return {lock_operation(name), object};
  if (type == "wait_group") return {group_operation(name), object};
  if (type == "cond" && name == "wait") return {call->getNumArgs() == 0 ? op::cond_wait : op::cond_wait_until, object};
  return {};
}

}  // namespace

operation operation_of(const Stmt* s) {
  if (const auto* loop = llvm::dyn_cast<CXXForRangeStmt>(s)) {
    const Expr* range = loop->getRangeInit();
    return is_channel(range->getType()) ? operation{op::range, range} : operation{};
  }
  if (const auto* call = llvm::dyn_cast<CXXMemberCallExpr>(s)) {
    const operation o = member_operation(call);
    return o.what == op::none ? operation{} : o;
  }
  if (const auto* call = llvm::dyn_cast<CXXOperatorCallExpr>(s)) {
    if (call->getNumArgs() != 2 || !is_channel(call->getArg(0)->getType())) return {};
    if (call->getOperator() == OO_LessLess) return {op::send, call->getArg(0)};
    if (call->getOperator() == OO_GreaterGreater) return {op::recv_into, call->getArg(0)};
    return {};
  }
  const llvm::StringRef name = ravel_function(s);
  if (name == "on_recv") return {op::select_recv, llvm::cast<CallExpr>(s)->getArg(0)};
  if (name == "on_send") return {op::select_send, llvm::cast<CallExpr>(s)->getArg(0)};
  return {};
}

}  // namespace ravel::vet
