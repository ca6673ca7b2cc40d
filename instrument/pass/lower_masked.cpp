#include "instrument/pass/lower_masked.hpp"

#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

namespace {

struct shape {
  bool write;
  bool scattered;   // a vector of pointers instead of one
  bool compressed;  // the selected lanes lie side by side in memory
  Value* address;
  Value* mask;
  FixedVectorType* type;
};

shape describe(CallInst& call) {
  const auto vector = [](Value* v) { return dyn_cast<FixedVectorType>(v->getType()); };
  switch (call.getIntrinsicID()) {
    case Intrinsic::masked_load: return {false, false, false, call.getArgOperand(0), call.getArgOperand(2), vector(&call)};
    case Intrinsic::masked_store: return {true, false, false, call.getArgOperand(1), call.getArgOperand(3), vector(call.getArgOperand(0))};
    case Intrinsic::masked_gather: return {false, true, false, call.getArgOperand(0), call.getArgOperand(2), vector(&call)};
    case Intrinsic::masked_scatter: return {true, true, false, call.getArgOperand(1), call.getArgOperand(3), vector(call.getArgOperand(0))};
    case Intrinsic::masked_expandload: return {false, false, true, call.getArgOperand(0), call.getArgOperand(1), vector(&call)};
    default: return {true, false, true, call.getArgOperand(1), call.getArgOperand(2), vector(call.getArgOperand(0))};
  }
}

}  // namespace

bool is_masked_access(const CallInst& call) {
  switch (call.getIntrinsicID()) {
    case Intrinsic::masked_load:
    case Intrinsic::masked_store:
    case Intrinsic::masked_gather:
    case Intrinsic::masked_scatter:
    case Intrinsic::masked_expandload:
    case Intrinsic::masked_compressstore: return true;
    default: return false;
  }
}

void lower_masked(CallInst& call, check_builder& check) {
  const shape s = describe(call);
  if (s.type == nullptr) return;  // scalable vectors do not exist on x86-64
  const std::uint64_t element = call.getModule()->getDataLayout().getTypeStoreSize(s.type->getElementType()).getFixedValue();
  const unsigned flags = RAVEL_SITE_RANGE | (s.write ? RAVEL_SITE_WRITE : 0u);
  Constant* const site = check.sites.site(call, s.scattered ? nullptr : s.address, s.compressed ? 0 : element, flags);
  const unsigned lanes = s.type->getNumElements();
  if (s.compressed) {
    IRBuilder<> b(&call);
    Value* bits = b.CreateBitCast(s.mask, b.getIntNTy(lanes));
    Value* selected = b.CreateZExtOrTrunc(b.CreateUnaryIntrinsic(Intrinsic::ctpop, bits), b.getInt64Ty());
    check.check_range(b, s.write, s.address, b.CreateMul(selected, b.getInt64(element)), site);
    return;
  }
  for (unsigned lane = 0; lane < lanes; ++lane) {
    IRBuilder<> b(&call);
    Value* const selected = b.CreateExtractElement(s.mask, lane);
    IRBuilder<> then(SplitBlockAndInsertIfThen(selected, call.getIterator(), false));
    Value* const at = s.scattered ? then.CreateExtractElement(s.address, lane) : then.CreateConstGEP1_64(then.getInt8Ty(), s.address, lane * element);
    check.check_range(then, s.write, at, then.getInt64(element), site);
  }
}

}  // namespace ravel::instrument
