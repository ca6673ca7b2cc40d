#pragma once
// What Go allows and what may be meant, and is told only with the option `advice`: a mutex unlocked by a goroutine that did not lock it (M02),
// a once that counts as done although its function threw (O03).

#include "detector/race/goroutine_state.hpp"

namespace ravel::detector {

void advise_unlocked_by_other(goroutine_state& g, const void* lock);  // by g, which does not hold it
void advise_once_threw(goroutine_state& g, const void* once);         // on the way out of the function

}  // namespace ravel::detector
