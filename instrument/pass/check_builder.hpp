#pragma once
// What every lowering needs to emit a check in one function: names, sites, the current segment, the calling context.

#include "instrument/pass/abi.hpp"
#include "instrument/pass/access.hpp"
#include "instrument/pass/calling_context.hpp"
#include "instrument/pass/current_segment.hpp"
#include "instrument/pass/sites.hpp"

namespace ravel::instrument {

struct check_builder {
  llvm::Function& function;
  abi& names;
  site_emitter& sites;
  current_segment& segment;
  calling_context& context;

  // An unconditional check of [pointer, pointer + size) at `b`, for what has no inline form.
  void check_range(llvm::IRBuilder<>& b, bool write, llvm::Value* pointer, llvm::Value* size, llvm::Constant* site) {
    names.call(b, names.range_check(write), {pointer, b.CreateZExtOrTrunc(size, b.getInt64Ty()), site, context.value(b)});
    segment.refresh(b);
  }
};

}  // namespace ravel::instrument
