#pragma once
// What the checks know of one function: its goroutines, the operations on Ravel's objects and all mentions of variables, gathered in one
// walk over its body and the bodies of its lambdas.

#include <clang/AST/ASTContext.h>
#include <clang/AST/ParentMap.h>
#include <llvm/ADT/DenseMap.h>

#include <memory>
#include <string>
#include <vector>

#include "instrument/vet/vocabulary.hpp"

namespace ravel::vet {

// How a body comes to run.
enum class role : unsigned char {
  function,
  goroutine,  // started by go, wait_group::go or an after_func
  deferred,   // RAVEL_DEFER
  other,      // called where it stands, or kept: nobody knows when
};

// A body of code that runs as one: a function's, or a lambda's.
struct unit {
  const clang::FunctionDecl* function;       // of a lambda its operator()
  const clang::Stmt* body;
  const clang::LambdaExpr* lambda = nullptr;  // null: a named function
  const unit* parent = nullptr;
  role how = role::function;
  const clang::CallExpr* start = nullptr;  // of a goroutine: the call that starts it

  // Is this `other`, or does it stand inside it?
  bool is_within(const unit* other) const;
};

// An object as far as a name tells: "x", "this->m". Two names of one object may differ, so equal names prove and different ones do not.
struct object {
  const clang::VarDecl* root = nullptr;  // null: this, or unknown
  std::string path;                      // empty: unknown
  bool operator==(const object&) const = default;
  bool known() const { return !path.empty(); }
};

struct use {
  op what;
  object on;
  const clang::Stmt* where;
  const unit* in;
  unsigned index;  // position in the order of the source
};

struct mention {
  const clang::DeclRefExpr* where;
  const unit* in;
  unsigned index;
};

class facts {
 public:
  facts(clang::ASTContext& context, const clang::FunctionDecl* function);

  clang::ASTContext& context;
  std::vector<std::unique_ptr<unit>> units;  // the function itself first
  std::vector<use> uses;
  llvm::DenseMap<const clang::VarDecl*, std::vector<mention>> mentions;  // aliases by their own names
  std::vector<std::pair<const clang::Stmt*, const unit*>> statements;    // all, in the order of the source; the index is a position here

  // As the name of the object that a handle, reference or capture stands for.
  object object_of(const clang::Expr* e) const;
  const clang::VarDecl* original(const clang::VarDecl* v) const;

  unsigned index_of(const clang::Stmt* s) const { return index_.lookup(s); }
  unsigned end_of(const clang::Stmt* s) const { return end_.lookup(s); }  // behind the last statement inside s
  const clang::Stmt* parent(const clang::Stmt* s) const { return parents_->getParent(s); }
  const unit* unit_of(const clang::Stmt* s) const { return statements[index_of(s)].second; }
  bool contains(const clang::Stmt* outer, const clang::Stmt* inner) const;
  // The innermost loop around s in the same unit whose turns run s again; null: none.
  const clang::Stmt* loop_around(const clang::Stmt* s) const;
  // The statement whose end is the end of the variable's life.
  const clang::Stmt* scope_of(const clang::VarDecl* v) const;
  // The lambda that is written, or was kept in the variable that is named.
  const clang::LambdaExpr* lambda_of(const clang::Expr* e) const;

 private:
  void walk(const clang::Stmt* s, const unit* in);
  void enter_lambda(const clang::LambdaExpr* lambda, const unit* in);
  void find_roles();
  void start_goroutine(const clang::CallExpr* call, unsigned first_argument);

  std::unique_ptr<clang::ParentMap> parents_;
  llvm::DenseMap<const clang::Stmt*, unsigned> index_;
  llvm::DenseMap<const clang::Stmt*, unsigned> end_;
  llvm::DenseMap<const clang::VarDecl*, const clang::Stmt*> declared_;
  llvm::DenseMap<const clang::LambdaExpr*, unit*> unit_of_lambda_;
  llvm::DenseMap<const clang::VarDecl*, const clang::Expr*> argument_of_;  // parameters of a goroutine's lambda
};

}  // namespace ravel::vet
