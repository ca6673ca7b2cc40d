#include "instrument/pass/access_finder.hpp"

#include <llvm/IR/DataLayout.h>
#include <llvm/IR/InstIterator.h>

#include "instrument/pass/libc_calls.hpp"
#include "instrument/pass/lower_masked.hpp"
#include "instrument/pass/merge_loop_checks.hpp"
#include "instrument/pass/static_guards.hpp"
#include "instrument/pass/sync_points.hpp"
#include "instrument/pass/vptr.hpp"

namespace ravel::instrument {

using namespace llvm;

namespace {

class finder {
 public:
  explicit finder(Function& f) : layout_(f.getParent()->getDataLayout()) {
    for (Instruction& i : instructions(f)) visit(i);
  }
  found_accesses take() { return std::move(found_); }

 private:
  void visit(Instruction& i) {
    // nosanitize marks what the compiler added for itself, counters of coverage for example.
    if (i.hasMetadata(LLVMContext::MD_nosanitize)) return;
    if (is_checked_before_loop(i)) return;
    if (auto* load = dyn_cast<LoadInst>(&i)) {
      if (is_guard_load(*load)) found_.guard_loads.push_back(load);
      else if (is_ordered_atomic(i)) found_.atomics.push_back(&i);
      else add(i, load->getPointerOperand(), load->getType(), load->getAlign(), false);
    } else if (auto* store = dyn_cast<StoreInst>(&i)) {
      if (is_ordered_atomic(i)) found_.atomics.push_back(&i);
      else add(i, store->getPointerOperand(), store->getValueOperand()->getType(), store->getAlign(), true);
    } else if (is_ordered_atomic(i)) {
      found_.atomics.push_back(&i);
    } else if (auto* call = dyn_cast<CallBase>(&i)) {
      visit_call(*call);
    }
  }

  void visit_call(CallBase& call) {
    if (auto* run = dyn_cast<MemIntrinsic>(&call)) {
      visit_run(*run);
      return;
    }
    if (auto* plain_call = dyn_cast<CallInst>(&call); plain_call != nullptr && is_masked_access(*plain_call)) {
      found_.masked.push_back(plain_call);
      return;
    }
    if (is_loop_check(call)) {
      found_.loop_checks.push_back(cast<CallInst>(&call));
      return;
    }
    add_copied_arguments(call);
    if (auto* plain_call = dyn_cast<CallInst>(&call); plain_call != nullptr && has_libc_stand_in(*plain_call)) {
      found_.libc_calls.push_back(plain_call);
    } else if (is_guard_call(call)) {
      found_.guard_calls.push_back(&call);
    } else if (is_real_call(call)) {
      found_.calls.push_back(&call);
    }
  }

  // Copies of small objects are accesses like any other.
  void visit_run(MemIntrinsic& run) {
    if (run.getDestAddressSpace() != 0) return;
    const auto* length = dyn_cast<ConstantInt>(run.getLength());
    if (length == nullptr || length->getZExtValue() > 64) {
      found_.runs.push_back(&run);
      return;
    }
    const std::uint64_t size = length->getZExtValue();
    if (size == 0) return;
    if (auto* transfer = dyn_cast<MemTransferInst>(&run)) {
      found_.plain.push_back(access{&run, transfer->getRawSource(), size, transfer->getSourceAlign().valueOrOne(), false, false, false, nullptr, {}});
    }
    found_.plain.push_back(access{&run, run.getRawDest(), size, run.getDestAlign().valueOrOne(), true, false, false, nullptr, {}});
  }

  // The caller of a function with a byval parameter copies the object.
  void add_copied_arguments(CallBase& call) {
    for (unsigned n = 0; n < call.arg_size(); ++n) {
      if (call.isByValArgument(n)) add(call, call.getArgOperand(n), call.getParamByValType(n), call.getParamAlign(n).valueOrOne(), false);
    }
  }

  void add(Instruction& at, Value* pointer, Type* type, Align alignment, bool write) {
    if (pointer->getType()->getPointerAddressSpace() != 0 || pointer->isSwiftError()) return;
    const TypeSize size = layout_.getTypeStoreSize(type);
    if (size.isScalable() || size.isZero()) return;
    found_.plain.push_back(access{&at, pointer, size.getFixedValue(), alignment, write, is_vptr_access(at), false, nullptr, {}});
  }

  const DataLayout& layout_;
  found_accesses found_;
};

}  // namespace

found_accesses find_accesses(Function& f) { return finder(f).take(); }

}  // namespace ravel::instrument
