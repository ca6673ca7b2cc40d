#pragma once
#include <llvm/IR/Function.h>

#include "instrument/pass/access_finder.hpp"

namespace ravel::instrument {

// The optimiser turns a load of `c ? a : b` into a load of both and a choice of values. The program makes one of the two accesses: each
// gets the condition under which its value is chosen (access::chosen_when) and is checked only then. A load whose value is thrown away
// by a choice that the program itself wrote is not checked either; the optimiser might have removed it just as well.
void note_speculated_loads(llvm::Function& f, found_accesses& found);

// Is the value of this load thrown away by some choice?
bool is_only_chosen_from(const llvm::Instruction& load);

}  // namespace ravel::instrument
