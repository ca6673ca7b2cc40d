#pragma once
// The names of runtime/abi/ravel_abi.h as LLVM declarations of one module. The only file, with abi.cpp, that knows how the pass sees them.

#include <llvm/ADT/StringRef.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

namespace ravel::instrument {

class abi {
 public:
  explicit abi(llvm::Module& m) : module_(m) {}

  llvm::Module& module() const { return module_; }

  // Declares on first use, with the convention of entry_points.def. `name` must be one of its rows.
  llvm::FunctionCallee entry_point(llvm::StringRef name);
  // The check of `size` bytes when there is one of its own (1, 2, 4, 8, 16), else null.
  llvm::FunctionCallee sized_check(bool write, std::uint64_t size);
  // The same with the inline check in front.
  llvm::FunctionCallee check_by_call(bool write, std::uint64_t size);
  llvm::FunctionCallee range_check(bool write);

  // Calls with the callee's convention, as nounwind.
  llvm::CallInst* call(llvm::IRBuilder<>& b, llvm::FunctionCallee callee, llvm::ArrayRef<llvm::Value*> arguments);

  // A fresh address and a fresh load each time: a goroutine may go on on another thread after any call, so neither may be reused
  // across one.
  llvm::Value* load_current(llvm::IRBuilder<>& b);
  llvm::Value* load_context(llvm::IRBuilder<>& b);
  llvm::Value* load_yield_request(llvm::IRBuilder<>& b);
  void store_context(llvm::IRBuilder<>& b, llvm::Value* value);

  static bool is_entry_point(llvm::StringRef name);
  static llvm::FunctionType* entry_point_type(llvm::StringRef name, llvm::LLVMContext& c);  // null: no such row
  // True for entry points that keep every register: they synchronise nothing.
  static bool is_cold(const llvm::Function& f);
  static bool is_check_by_call(const llvm::Instruction& i);

  // Makes the object refer to the version symbol: a library of another version does not define it.
  void refer_to_version();

 private:
  llvm::Value* thread_local_address(llvm::IRBuilder<>& b, llvm::StringRef name, unsigned bytes = 8);

  llvm::Module& module_;
};

}  // namespace ravel::instrument
