#include "instrument/pass/lower_masked.hpp"

#include <algorithm>

#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/IntrinsicsX86.h>
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

// The processor's own, which <immintrin.h> is made of: a lane is selected by the sign bit of its element of the mask.
enum class own_kind { none, load, store, gather };
own_kind own_kind_of(const CallInst& call) {
  switch (call.getIntrinsicID()) {
    case Intrinsic::x86_avx_maskload_ps:
    case Intrinsic::x86_avx_maskload_pd:
    case Intrinsic::x86_avx_maskload_ps_256:
    case Intrinsic::x86_avx_maskload_pd_256:
    case Intrinsic::x86_avx2_maskload_d:
    case Intrinsic::x86_avx2_maskload_q:
    case Intrinsic::x86_avx2_maskload_d_256:
    case Intrinsic::x86_avx2_maskload_q_256: return own_kind::load;
    case Intrinsic::x86_avx_maskstore_ps:
    case Intrinsic::x86_avx_maskstore_pd:
    case Intrinsic::x86_avx_maskstore_ps_256:
    case Intrinsic::x86_avx_maskstore_pd_256:
    case Intrinsic::x86_avx2_maskstore_d:
    case Intrinsic::x86_avx2_maskstore_q:
    case Intrinsic::x86_avx2_maskstore_d_256:
    case Intrinsic::x86_avx2_maskstore_q_256: return own_kind::store;
    case Intrinsic::x86_avx2_gather_d_pd:
    case Intrinsic::x86_avx2_gather_d_pd_256:
    case Intrinsic::x86_avx2_gather_q_pd:
    case Intrinsic::x86_avx2_gather_q_pd_256:
    case Intrinsic::x86_avx2_gather_d_ps:
    case Intrinsic::x86_avx2_gather_d_ps_256:
    case Intrinsic::x86_avx2_gather_q_ps:
    case Intrinsic::x86_avx2_gather_q_ps_256:
    case Intrinsic::x86_avx2_gather_d_q:
    case Intrinsic::x86_avx2_gather_d_q_256:
    case Intrinsic::x86_avx2_gather_q_q:
    case Intrinsic::x86_avx2_gather_q_q_256:
    case Intrinsic::x86_avx2_gather_d_d:
    case Intrinsic::x86_avx2_gather_d_d_256:
    case Intrinsic::x86_avx2_gather_q_d:
    case Intrinsic::x86_avx2_gather_q_d_256: return own_kind::gather;
    default: return own_kind::none;
  }
}

void lower_own(CallInst& call, check_builder& check, own_kind kind) {
  const bool gathers = kind == own_kind::gather, write = kind == own_kind::store;
  Value* const base = call.getArgOperand(gathers ? 1 : 0);
  Value* const mask = call.getArgOperand(gathers ? 3 : 1);
  auto* const type = cast<FixedVectorType>(mask->getType());
  const std::uint64_t element = call.getModule()->getDataLayout().getTypeStoreSize(type->getElementType()).getFixedValue();
  unsigned lanes = type->getNumElements();
  // Of indices of another size than the elements there may be fewer, or more than are used.
  if (gathers) lanes = std::min(lanes, cast<FixedVectorType>(call.getArgOperand(2)->getType())->getNumElements());
  Constant* const site = check.sites.site(call, gathers ? nullptr : base, element, RAVEL_SITE_RANGE | (write ? RAVEL_SITE_WRITE : 0u));
  for (unsigned lane = 0; lane < lanes; ++lane) {
    IRBuilder<> b(&call);
    Value* const bits = b.CreateBitCast(b.CreateExtractElement(mask, lane), b.getIntNTy(static_cast<unsigned>(8 * element)));
    Value* const selected = b.CreateICmpSLT(bits, Constant::getNullValue(bits->getType()));
    IRBuilder<> then(SplitBlockAndInsertIfThen(selected, call.getIterator(), false));
    Value* distance = then.getInt64(lane * element);
    if (gathers) {
      Value* const index = then.CreateSExt(then.CreateExtractElement(call.getArgOperand(2), lane), then.getInt64Ty());
      distance = then.CreateMul(index, then.CreateZExt(call.getArgOperand(4), then.getInt64Ty()));
    }
    check.check_range(then, write, then.CreateGEP(then.getInt8Ty(), base, distance), then.getInt64(element), site);
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
    default: return own_kind_of(call) != own_kind::none;
  }
}

void lower_masked(CallInst& call, check_builder& check) {
  if (const own_kind own = own_kind_of(call); own != own_kind::none) {
    lower_own(call, check, own);
    return;
  }
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
