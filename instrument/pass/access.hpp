#pragma once
#include <llvm/IR/Instructions.h>

#include <cstdint>

namespace ravel::instrument {

// One plain read or write of memory by user code, as it will be checked.
struct access {
  llvm::Instruction* at = nullptr;  // the check goes before it
  llvm::Value* pointer = nullptr;
  std::uint64_t size = 0;           // bytes, never 0
  llvm::Align alignment;            // of pointer
  bool write = false;
  bool vptr = false;                // the pointer to a virtual table
};

}  // namespace ravel::instrument
