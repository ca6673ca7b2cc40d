#include "instrument/pass/lower_run.hpp"

#include "runtime/abi/ravel_abi.h"

namespace ravel::instrument {

using namespace llvm;

void lower_run(MemIntrinsic& run, check_builder& check) {
  IRBuilder<> b(&run);
  const auto* constant = dyn_cast<ConstantInt>(run.getLength());
  const std::uint64_t size = constant != nullptr ? constant->getZExtValue() : 0;
  if (auto* transfer = dyn_cast<MemTransferInst>(&run)) {
    Value* const from = transfer->getRawSource();
    check.check_range(b, false, from, run.getLength(), check.sites.site(run, from, size, RAVEL_SITE_RANGE));
  }
  Value* const to = run.getRawDest();
  check.check_range(b, true, to, run.getLength(), check.sites.site(run, to, size, RAVEL_SITE_RANGE | RAVEL_SITE_WRITE));
}

}  // namespace ravel::instrument
