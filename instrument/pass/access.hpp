#pragma once
#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/Instructions.h>

#include <cstdint>
#include <utility>

namespace ravel::instrument {

// One plain read or write of memory by user code, as it will be checked.
struct access {
  llvm::Instruction* at = nullptr;  // the check goes before it
  llvm::Value* pointer = nullptr;
  std::uint64_t size = 0;           // bytes, never 0
  llvm::Align alignment;            // of pointer
  bool write = false;
  bool vptr = false;                // the pointer to a virtual table
  bool by_call = false;             // see check_form
  llvm::Instruction* said_at = nullptr;  // whose place in the source reports name; null: at's
  llvm::SmallVector<std::pair<llvm::Value*, bool>, 1> chosen_when;  // it is the program's only when each condition has this value
};

// Accesses checked by one call, before the first of them.
struct access_group {
  llvm::SmallVector<access, 4> members;
  llvm::SmallVector<std::int32_t, 4> distances;  // from the first one's address
};

}  // namespace ravel::instrument
