// Closing tells receivers that no more will come, so it is for the sender to do; closed by a receiver, the next send panics. Reported where
// the loop that receives closes, or what follows a range loop over the channel, and nothing in the same body sends.

#include "instrument/vet/check.hpp"

#include <clang/AST/StmtCXX.h>

namespace ravel::vet {

using namespace clang;

namespace {

bool is_receive(op o) { return o == op::recv || o == op::recv_into || o == op::range || o == op::select_recv; }

// A channel of one's own that nobody else knows hurts nobody.
bool is_shared(const facts& f, const use& close) {
  const VarDecl* v = close.on.root;
  if (v == nullptr || llvm::isa<ParmVarDecl>(v) || !v->hasLocalStorage()) return true;
  for (const use& u : f.uses) {
    if (u.on == close.on && u.in != close.in && (u.what == op::send || u.what == op::select_send || u.what == op::try_send)) return true;
  }
  return false;
}

}  // namespace

void close_by_receiver(const facts& f, const report& add) {
  for (const use& close : f.uses) {
    if (close.what != op::close || !close.on.known()) continue;
    const use* receive = nullptr;
    bool sends = false, waits = false;
    for (const use& u : f.uses) {
      if (u.in != close.in) continue;
      if (u.what == op::wait && u.index < close.index) waits = true;
      if (u.on != close.on) continue;
      if (u.what == op::send || u.what == op::try_send || u.what == op::select_send) sends = true;
      if (!is_receive(u.what) || u.index > close.index) continue;
      if (u.what == op::range) receive = &u;
      else if (const Stmt* loop = f.loop_around(u.where); loop != nullptr && f.contains(loop, close.where)) receive = &u;
    }
    if (receive == nullptr || sends || waits || !is_shared(f, close)) continue;
    add({close.where->getBeginLoc(), "'" + close.on.path + "' is closed by the goroutine that receives from it: a sender panics",
         {{receive->where->getBeginLoc(), "it receives here; let the sender close, and tell it to stop by a context or a second channel"}}});
  }
}

}  // namespace ravel::vet
