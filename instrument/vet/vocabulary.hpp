#pragma once
// Which words of a program are Ravel's: types and operations by name, whatever variant and alias they came by.

#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <optional>

namespace ravel::vet {

enum class op : unsigned char {
  none,
  send, try_send, recv, recv_into, try_recv, range, close,  // channels; recv_into is >>
  select_recv, select_send,                                 // on_recv, on_send
  add, done, wait, group_go,                                // wait_group
  lock, unlock, lock_shared, unlock_shared,
  cond_wait, cond_wait_until,                               // without and with a condition of its own
};

struct operation {
  op what = op::none;
  const clang::Expr* object = nullptr;  // the channel, lock, ... it is done to
};

operation operation_of(const clang::Stmt* s);

bool is_receive(op o);
bool is_send(op o);

// Members of its classes and functions included, which clang's isInStdNamespace leaves out.
bool is_in_std(const clang::Decl* d);
bool is_in_ravel(const clang::Decl* d);
// The name of a class of namespace ravel, references and pointers aside; empty: it is none.
llvm::StringRef ravel_type(clang::QualType t);
bool is_channel(clang::QualType t);
bool is_lock(clang::QualType t);

// Of a call of a free function of Ravel: its name; else empty.
llvm::StringRef ravel_function(const clang::Stmt* s);

// Without what the compiler put around it: parentheses, conversions, copies, std::move.
const clang::Expr* bare(const clang::Expr* e);

// The local or global variable that the expression names, captured or not; null: it names none.
const clang::VarDecl* variable_of(const clang::Expr* e);

// Of std::ref(x) and std::cref(x): x; else null.
const clang::Expr* argument_of_ref(const clang::Expr* e);

// Of a channel made by make_chan<T>(n) with a number that is known: n; else nothing.
std::optional<std::uint64_t> capacity_of(const clang::VarDecl* channel, const clang::ASTContext& context);

}  // namespace ravel::vet
