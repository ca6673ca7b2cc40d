#pragma once
// What may wait for another goroutine. Unknown code may.

#include "instrument/vet/facts.hpp"

namespace ravel::vet {

// Of this statement alone, not of what stands inside it.
bool may_wait(const clang::Stmt* s);

// Of the end of a variable's life: its destructor.
bool end_may_wait(clang::QualType t);

}  // namespace ravel::vet
