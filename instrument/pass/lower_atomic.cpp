#include "instrument/pass/lower_atomic.hpp"

#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

namespace {

unsigned order_number(AtomicOrdering o) {
  switch (o) {
    case AtomicOrdering::NotAtomic:
    case AtomicOrdering::Unordered:
    case AtomicOrdering::Monotonic: return RAVEL_ORDER_RELAXED;
    case AtomicOrdering::Acquire: return RAVEL_ORDER_ACQUIRE;
    case AtomicOrdering::Release: return RAVEL_ORDER_RELEASE;
    case AtomicOrdering::AcquireRelease: return RAVEL_ORDER_ACQ_REL;
    case AtomicOrdering::SequentiallyConsistent: return RAVEL_ORDER_SEQ_CST;
  }
  llvm_unreachable("an ordering LLVM 19 does not have");
}

struct operation {
  Value* pointer;
  Type* type;
  unsigned kind;
  unsigned orders;
};

operation describe(Instruction& i) {
  if (auto* l = dyn_cast<LoadInst>(&i)) return {l->getPointerOperand(), l->getType(), RAVEL_ATOMIC_LOAD, order_number(l->getOrdering())};
  if (auto* s = dyn_cast<StoreInst>(&i)) {
    return {s->getPointerOperand(), s->getValueOperand()->getType(), RAVEL_ATOMIC_STORE, order_number(s->getOrdering())};
  }
  if (auto* r = dyn_cast<AtomicRMWInst>(&i)) {
    return {r->getPointerOperand(), r->getValOperand()->getType(), RAVEL_ATOMIC_RMW, order_number(r->getOrdering())};
  }
  auto* c = cast<AtomicCmpXchgInst>(&i);
  return {c->getPointerOperand(), c->getNewValOperand()->getType(), RAVEL_ATOMIC_CAS,
          order_number(c->getSuccessOrdering()) | order_number(c->getFailureOrdering()) << 4};
}

// A load that the library does itself. Others, of odd types or volatile, are bracketed.
bool is_plain_load(const Instruction& i, std::uint64_t size) {
  const auto* load = dyn_cast<LoadInst>(&i);
  if (load == nullptr || load->isVolatile() || load->getAlign().value() < size) return false;
  Type* const type = load->getType();
  return (size == 1 || size == 2 || size == 4 || size == 8) && (type->isIntegerTy() || type->isPointerTy() || type->isFloatingPointTy()) &&
         i.getModule()->getDataLayout().getTypeSizeInBits(type) == size * 8;
}

void replace_load(Instruction& load, const operation& o, std::uint64_t size, Constant* site, check_builder& check) {
  IRBuilder<> b(&load);
  Value* const loaded = check.names.call(b, check.names.entry_point("__ravel_atomic_load"),
                                         {o.pointer, b.getInt32(static_cast<std::uint32_t>(size)), b.getInt32(o.orders), site, check.context.value(b)});
  Value* const bits = b.CreateTrunc(loaded, b.getIntNTy(static_cast<unsigned>(size * 8)));
  Value* const value = o.type->isPointerTy() ? b.CreateIntToPtr(bits, o.type) : b.CreateBitCast(bits, o.type);
  value->takeName(&load);
  load.replaceAllUsesWith(value);
  load.eraseFromParent();
}

}  // namespace

void lower_atomic(Instruction& i, check_builder& check) {
  if (auto* fence = dyn_cast<FenceInst>(&i)) {
    IRBuilder<> b(i.getNextNode());
    check.names.call(b, check.names.entry_point("__ravel_fence"), {b.getInt32(order_number(fence->getOrdering()))});
    return;
  }
  const operation o = describe(i);
  const std::uint64_t size = i.getModule()->getDataLayout().getTypeStoreSize(o.type).getFixedValue();
  const unsigned flags = RAVEL_SITE_ATOMIC | (o.kind == RAVEL_ATOMIC_LOAD ? 0u : RAVEL_SITE_WRITE);
  Constant* const site = check.sites.site(i, o.pointer, size, flags);
  if (is_plain_load(i, size)) {
    replace_load(i, o, size, site, check);
    return;
  }
  IRBuilder<> before(&i);
  check.names.call(before, check.names.entry_point("__ravel_atomic_begin"),
                   {o.pointer, before.getInt32(static_cast<std::uint32_t>(size)), before.getInt32(o.kind), before.getInt32(o.orders), site,
                    check.context.value(before)});
  IRBuilder<> after(i.getNextNode());
  Value* const succeeded = isa<AtomicCmpXchgInst>(i) ? after.CreateZExt(after.CreateExtractValue(&i, 1), after.getInt32Ty()) : after.getInt32(1);
  check.names.call(after, check.names.entry_point("__ravel_atomic_end"),
                   {o.pointer, after.getInt32(static_cast<std::uint32_t>(size)), after.getInt32(o.kind), after.getInt32(o.orders), succeeded});
}

}  // namespace ravel::instrument
