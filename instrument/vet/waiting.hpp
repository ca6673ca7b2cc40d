#pragma once
// What may wait for another goroutine. Unknown code may.

#include "instrument/vet/facts.hpp"

namespace ravel::vet {

// Of this statement alone, not of what stands inside it.
bool may_wait(const clang::Stmt* s);

// Of the end of a variable's life: its destructor.
bool end_may_wait(clang::QualType t);

// A loop whose condition is always true; has_way_out: that a break, return or goto leaves all the same. Exceptions, and the end of the
// process, are no way out here.
bool never_ends(const clang::Stmt* loop, const clang::ASTContext& context);
bool has_way_out(const clang::Stmt* loop);

}  // namespace ravel::vet
