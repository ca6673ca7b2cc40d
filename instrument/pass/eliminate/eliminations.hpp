#pragma once
// What need not be checked. Each elimination is a file of its own whose comment is its proof, and can be switched off by name to bisect:
// -mllvm -ravel-no-elimination=<name>.

#include <llvm/ADT/StringRef.h>

#include "instrument/pass/access_finder.hpp"

namespace ravel::instrument {

void drop_private_accesses(found_accesses& found);   // private_objects
void drop_constant_reads(found_accesses& found);     // constant_memory
void drop_covered_accesses(found_accesses& found);   // covered_accesses

// Is the elimination of this name not switched off? region_keeping_calls: calls of functions that cannot synchronise do not end a region.
bool is_on(llvm::StringRef name);

// The first two: memory that no other goroutine can change or reach.
void drop_unshared(found_accesses& found);

// All that are not switched off, in the order that leaves least to do.
void eliminate(found_accesses& found);

}  // namespace ravel::instrument
