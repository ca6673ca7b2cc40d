#include "instrument/pass/lower_access.hpp"

#include <llvm/IR/MDBuilder.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

namespace {

constexpr std::uint64_t granule = 8;
constexpr std::uint64_t widest_inline = 64;

// The bits of a tag that must equal the current segment's for `bytes` (bit i: byte i of the granule) to need no check.
std::uint64_t tag_mask(std::uint64_t bytes, bool write) { return RAVEL_TAG_SEGMENT | (write ? bytes << 8 : bytes); }

class inline_check {
 public:
  inline_check(const access& a, check_builder& check, IRBuilder<>& b)
      : access_(a), b_(b), current_(check.segment.use(b)), address_(b.CreatePtrToInt(a.pointer, b.getInt64Ty())) {}

  // i1: the detector must be asked.
  Value* must_ask() {
    if (access_.alignment >= Align(granule) || access_.size > granule) return b_.CreateOr(off_granule(), any_difference_of_granules());
    return within_one_granule();
  }

 private:
  Value* tag_at(Value* address, std::uint64_t offset) {
    // Arithmetic on integers: an address computed from the pointer would be based on the same object, outside of it, and alias
    // analysis might conclude what it likes.
    Value* where = b_.CreateAdd(address, b_.getInt64(static_cast<std::uint64_t>(RAVEL_SHADOW_OFFSET) + offset));
    return b_.CreateIntToPtr(where, b_.getPtrTy());
  }
  Value* difference(Value* tag_pointer) { return b_.CreateXor(b_.CreateAlignedLoad(b_.getInt64Ty(), tag_pointer, Align(granule), "tag"), current_); }
  Value* is_nonzero(Value* v) { return b_.CreateICmpNE(v, Constant::getNullValue(v->getType())); }

  // An access of more than a granule, or one called aligned, whose address is not: the detector copes with it.
  Value* off_granule() {
    if (access_.alignment >= Align(granule)) return b_.getFalse();
    return is_nonzero(b_.CreateAnd(address_, granule - 1));
  }

  Value* any_difference_of_granules() {
    const std::uint64_t whole = access_.size / granule;
    const std::uint64_t rest = access_.size % granule;
    Value* differing = nullptr;
    const auto add = [&](Value* v) { differing = differing == nullptr ? v : b_.CreateOr(differing, v); };
    if (whole >= 4) {
      auto* tags = FixedVectorType::get(b_.getInt64Ty(), static_cast<unsigned>(whole));
      Value* x = b_.CreateXor(b_.CreateAlignedLoad(tags, tag_at(address_, 0), Align(granule), "tags"), b_.CreateVectorSplat(whole, current_));
      add(b_.CreateOrReduce(x));
    } else {
      for (std::uint64_t i = 0; i < whole; ++i) add(difference(tag_at(address_, i * granule)));
    }
    if (differing != nullptr) differing = b_.CreateAnd(differing, tag_mask(0xFF, access_.write));
    if (rest != 0) add(b_.CreateAnd(difference(tag_at(address_, whole * granule)), tag_mask((1u << rest) - 1, access_.write)));
    return is_nonzero(differing);
  }

  Value* within_one_granule() {
    const std::uint64_t bytes = (1u << access_.size) - 1;
    // Bits of the address that the alignment leaves open say where in the granule the access begins.
    const std::uint64_t open_bits = (granule - 1) & ~(access_.alignment.value() - 1);
    Value* begin = b_.CreateAnd(address_, open_bits);
    Value* first = b_.CreateAnd(address_, ~(granule - 1));
    Value* mask = b_.CreateOr(b_.CreateShl(b_.getInt64(access_.write ? bytes << 8 : bytes), begin), b_.getInt64(RAVEL_TAG_SEGMENT));
    Value* differs = is_nonzero(b_.CreateAnd(difference(tag_at(first, 0)), mask));
    if (open_bits + access_.size <= granule) return differs;
    return b_.CreateOr(differs, b_.CreateICmpUGT(begin, b_.getInt64(granule - access_.size)));
  }

  const access& access_;
  IRBuilder<>& b_;
  Value* const current_;
  Value* const address_;
};

bool has_inline_form(const access& a) {
  if (a.size > widest_inline) return false;
  return a.alignment >= Align(granule) || a.size <= granule || a.size % granule == 0;
}

}  // namespace

void lower_access(const access& a, check_builder& check) {
  Constant* const site = check.sites.site(a.said_at != nullptr ? *a.said_at : *a.at, a.pointer, a.size, site_flags(a));
  Instruction* at = a.at;
  for (const auto& [condition, value] : a.chosen_when) {
    IRBuilder<> before(at);
    at = SplitBlockAndInsertIfThen(value ? condition : before.CreateNot(condition), at->getIterator(), false);
  }
  IRBuilder<> b(at);
  b.SetCurrentDebugLocation(a.at->getDebugLoc());
  if (FunctionCallee whole = check.names.check_by_call(a.write, a.size); a.by_call && whole.getCallee() != nullptr) {
    check.names.call(b, whole, {a.pointer, site, check.context.kept_value()});
    return;
  }
  if (a.by_call || !has_inline_form(a)) {
    check.check_range(b, a.write, a.pointer, b.getInt64(a.size), site);
    return;
  }
  Value* const must_ask = inline_check(a, check, b).must_ask();
  MDNode* const rarely = MDBuilder(b.getContext()).createBranchWeights(1, 100000);
  IRBuilder<> cold(SplitBlockAndInsertIfThen(must_ask, at->getIterator(), false, rarely));
  cold.SetCurrentDebugLocation(a.at->getDebugLoc());
  if (FunctionCallee sized = check.names.sized_check(a.write, a.size); sized.getCallee() != nullptr) {
    check.names.call(cold, sized, {a.pointer, site, check.context.value(cold)});
    check.segment.refresh(cold);
  } else {
    check.check_range(cold, a.write, a.pointer, cold.getInt64(a.size), site);
  }
}

void lower_fields(const access_group& group, check_builder& check) {
  const access& first = group.members.front();
  IRBuilder<> b(first.at);
  b.SetCurrentDebugLocation(first.at->getDebugLoc());
  check.names.call(b, check.names.entry_point("__ravel_check_fields"), {first.pointer, check.sites.sites(group), check.context.kept_value()});
}

}  // namespace ravel::instrument
