#include "instrument/pass/libc_calls.hpp"

#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

namespace {

std::string stand_in_name(const Function& f) { return ("__ravel_" + f.getName()).str(); }

}  // namespace

bool has_libc_stand_in(const CallInst& call) {
  const Function* f = call.getCalledFunction();
  if (f == nullptr || !f->isDeclaration() || f->isIntrinsic() || f->isVarArg() || call.isMustTailCall()) return false;
  const FunctionType* stand_in = abi::entry_point_type(stand_in_name(*f), f->getContext());
  if (stand_in == nullptr || stand_in->getReturnType() != f->getReturnType() || stand_in->getNumParams() != f->arg_size() + 2) return false;
  for (unsigned i = 0; i < f->arg_size(); ++i) {
    if (stand_in->getParamType(i) != f->getFunctionType()->getParamType(i)) return false;
  }
  return true;
}

void lower_libc_call(CallInst& call, check_builder& check) {
  IRBuilder<> b(&call);
  SmallVector<Value*, 6> arguments(call.args());
  // The first argument names the variable: the destination of the copying ones.
  arguments.push_back(check.sites.site(call, call.getArgOperand(0), 0, RAVEL_SITE_RANGE));
  arguments.push_back(check.context.value(b));
  CallInst* stand_in = check.names.call(b, check.names.entry_point(stand_in_name(*call.getCalledFunction())), arguments);
  stand_in->takeName(&call);
  call.replaceAllUsesWith(stand_in);
  call.eraseFromParent();
}

}  // namespace ravel::instrument
