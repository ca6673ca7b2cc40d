#pragma once
#include <llvm/IR/Instruction.h>

namespace ravel::instrument {

// A load or store of the pointer to a virtual table. Known by clang's type-based alias tags when it optimises, by its shape when not.
bool is_vptr_access(const llvm::Instruction& i);

// A pointer into a virtual table: loaded through the vptr.
bool is_vtable_address(const llvm::Value& pointer);

}  // namespace ravel::instrument
