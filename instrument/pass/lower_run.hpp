#pragma once
#include <llvm/IR/IntrinsicInst.h>

#include "instrument/pass/check_builder.hpp"

namespace ravel::instrument {

// memcpy, memmove and memset whose length is long or only known at run time: one call for the bytes read, one for those written.
void lower_run(llvm::MemIntrinsic& run, check_builder& check);

}  // namespace ravel::instrument
