#pragma once
// Which checks are inline, and which are calls: an inline one is four to five times as long, and worth it where code runs again and again.
// -mllvm -ravel-inline-checks=all|loops|none says otherwise than `loops`.

#include "instrument/pass/access_finder.hpp"

namespace ravel::instrument {

void choose_forms(llvm::Function& f, found_accesses& found);

}  // namespace ravel::instrument
