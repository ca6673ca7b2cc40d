// A body that takes a channel until it is closed and sends to it in the same loop: with no room in it the send waits for the very goroutine
// that makes it. Reported for a channel without room whose only receiver this is.

#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

// Every other mention of the channel is a send, a close or the capture of this goroutine.
bool is_only_receiver(const facts& f, const use& receive) {
  for (const use& u : f.uses) {
    if (u.on == receive.on && u.in != receive.in && is_receive(u.what)) return false;
  }
  for (const auto& [v, mentions] : f.mentions) {
    if (f.original(v) != receive.on.root) continue;
    for (const mention& m : mentions) {
      bool known = false;
      for (const use& u : f.uses) known = known || (u.on == receive.on && f.contains(u.where, m.where));
      const Stmt* p = f.parent(m.where);
      while (p != nullptr && llvm::isa<ImplicitCastExpr, CXXConstructExpr>(p)) p = f.parent(p);
      if (!known && !llvm::isa_and_nonnull<LambdaExpr, DeclStmt>(p)) return false;
    }
  }
  return f.loop_around(receive.in->start != nullptr ? receive.in->start : receive.where) == nullptr;
}

}  // namespace

void send_by_receiver(const facts& f, const report& add) {
  for (const use& receive : f.uses) {
    if (receive.what != op::range || !receive.on.known() || receive.on.root == nullptr) continue;
    if (capacity_of(receive.on.root, f.context) != 0u || !is_only_receiver(f, receive)) continue;
    for (const use& send : f.uses) {
      if (send.what != op::send || send.on != receive.on || send.in != receive.in || !f.contains(receive.where, send.where)) continue;
      add({send.where->getBeginLoc(), "'" + send.on.path + "' has no other receiver than this loop, so the send waits for ever",
           {{receive.where->getBeginLoc(), "it is received here; send to a channel of its own"}}});
    }
  }
}

}  // namespace ravel::vet
