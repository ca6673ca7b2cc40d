// A body that takes a channel until it is closed and sends to it in the same loop: with no room in it the send waits for the very goroutine
// that makes it. Reported for a channel without room whose only receiver this is, and where the receiver holds a receive-only view and
// goes around it.

#include <clang/AST/StmtCXX.h>

#include "instrument/vet/check.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

bool is_unbuffered(const VarDecl* v) {
  const auto* call = v != nullptr && v->hasInit() ? llvm::dyn_cast_or_null<CallExpr>(bare(v->getInit())) : nullptr;
  return call != nullptr && ravel_function(call) == "make_chan" && (call->getNumArgs() == 0 || llvm::isa<CXXDefaultArgExpr>(call->getArg(0)));
}

// Every other mention of the channel is a send, a close or the capture of this goroutine.
bool is_only_receiver(const facts& f, const use& receive) {
  for (const use& u : f.uses) {
    if (u.on == receive.on && u.in != receive.in && (u.what == op::recv || u.what == op::recv_into || u.what == op::range ||
                                                     u.what == op::select_recv || u.what == op::try_recv)) return false;
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
    const bool by_view = ravel_type(bare(llvm::cast<CXXForRangeStmt>(receive.where)->getRangeInit())->getType()) == "recv_chan";
    for (const use& send : f.uses) {
      if (send.what != op::send || send.on != receive.on || send.in != receive.in || !f.contains(receive.where, send.where)) continue;
      if (!by_view && !(is_unbuffered(receive.on.root) && is_only_receiver(f, receive))) continue;
      add({send.where->getBeginLoc(), by_view ? "'" + send.on.path + "' is received here by a receive-only view and sent to: only its owner sends"
                                              : "'" + send.on.path + "' has no other receiver than this loop, so the send waits for ever",
           {{receive.where->getBeginLoc(), "it is received here; send to a channel of its own"}}});
    }
  }
}

}  // namespace ravel::vet
