#include "instrument/pass/real_call.hpp"

#include <llvm/IR/IntrinsicInst.h>

#include "instrument/pass/abi.hpp"

namespace ravel::instrument {

using namespace llvm;

bool is_real_call(const Instruction& i) {
  const auto* call = dyn_cast<CallBase>(&i);
  if (call == nullptr || isa<IntrinsicInst>(call) || call->isInlineAsm()) return false;
  if (call->doesNotAccessMemory() && call->doesNotThrow()) return false;
  if (is_loop_check(*call)) return false;
  const Function* f = call->getCalledFunction();
  return f == nullptr || (!f->isIntrinsic() && !abi::is_entry_point(f->getName()));
}

bool is_loop_check(const CallBase& call) {
  const Function* f = call.getCalledFunction();
  return f != nullptr && (f->getName() == loop_read_placeholder || f->getName() == loop_write_placeholder);
}

}  // namespace ravel::instrument
