#pragma once
// The static descriptors of accesses (struct ravel_site), one per check, in ELF section "ravel_sites".
// A site lies in the COMDAT group of its function, so that copies of a template in many objects leave one set. The frames of inlined
// calls are shared by the module and kept once per position.

#include <llvm/ADT/StringMap.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/IRBuilder.h>

#include <string>

#include "instrument/pass/access.hpp"
#include "instrument/pass/variable_name.hpp"

namespace ravel::instrument {

unsigned site_flags(const access& a);

class site_emitter {
 public:
  explicit site_emitter(llvm::Module& m);

  // `pointer` names the variable and may be null; `size` is 0 when only known at run time; `flags` are RAVEL_SITE_*.
  llvm::Constant* site(llvm::Instruction& at, llvm::Value* pointer, std::uint64_t size, unsigned flags);
  // One after the other in memory, as __ravel_check_fields wants them.
  llvm::Constant* sites(const access_group& group);

 private:
  llvm::Constant* place(llvm::Constant* content, llvm::Function& f);
  llvm::Constant* site_fields(llvm::Instruction& at, llvm::Value* pointer, std::uint64_t size, unsigned flags);
  llvm::Constant* text(llvm::StringRef s);
  llvm::Constant* frame_fields(const llvm::DILocation* where, const llvm::Function& f);
  llvm::Constant* shared_frame(const llvm::DILocation* where, const llvm::Function& f);

  llvm::Module& module_;
  variable_names variables_;
  llvm::StructType* frame_type_;
  llvm::StructType* site_type_;
  llvm::StringMap<llvm::Constant*> texts_;
  llvm::DenseMap<const llvm::DILocation*, llvm::Constant*> frames_;
  llvm::DenseMap<const llvm::DISubprogram*, llvm::Constant*> functions_;
};

}  // namespace ravel::instrument
