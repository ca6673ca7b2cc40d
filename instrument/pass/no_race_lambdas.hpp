#pragma once
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/IR/Module.h>

namespace ravel::instrument {

// Lambdas of [[ravel::no_race]], which instrument/attributes has annotated so. Takes the annotations away: they would keep an unused
// function alive.
llvm::SmallPtrSet<const llvm::Function*, 4> take_no_race_lambdas(llvm::Module& m);

}  // namespace ravel::instrument
