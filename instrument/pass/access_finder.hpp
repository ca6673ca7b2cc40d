#pragma once
#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/IntrinsicInst.h>

#include "instrument/pass/access.hpp"

namespace ravel::instrument {

// Everything in one function that has to do with memory, sorted by how it is lowered, each in program order within its block.
struct found_accesses {
  llvm::SmallVector<access, 32> plain;
  llvm::SmallVector<access_group, 8> fields;                // taken out of plain by group_fields
  llvm::SmallVector<llvm::MemIntrinsic*, 8> runs;           // memcpy, memmove, memset
  llvm::SmallVector<llvm::CallInst*, 4> masked;             // vector lanes under a mask, gathers, scatters
  llvm::SmallVector<llvm::Instruction*, 8> atomics;
  llvm::SmallVector<llvm::LoadInst*, 4> guard_loads;        // fast path of function-local statics
  llvm::SmallVector<llvm::CallBase*, 4> guard_calls;        // and their slow path
  llvm::SmallVector<llvm::CallInst*, 4> loop_checks;        // placeholders of merge_loop_checks
  llvm::SmallVector<llvm::CallInst*, 4> libc_calls;         // have a stand-in among the entry points
  llvm::SmallVector<llvm::CallBase*, 16> calls;             // all others that may run checked code

  bool empty() const {
    return plain.empty() && runs.empty() && masked.empty() && atomics.empty() && guard_loads.empty() &&
           guard_calls.empty() && loop_checks.empty() && libc_calls.empty() && calls.empty();
  }
};

found_accesses find_accesses(llvm::Function& f);

}  // namespace ravel::instrument
