#pragma once
// The variable or field behind a pointer, in source words, from debug information: balance, account.balance, from->balance, values[].
// Empty when nothing in the program names it. Works on optimised code as far as debug information survives there.

#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Instruction.h>
#include <llvm/IR/Module.h>

#include <cstdint>
#include <optional>
#include <string>

namespace ravel::instrument {

class variable_names {
 public:
  explicit variable_names(llvm::Module& m) : layout_(m.getDataLayout()) {}

  std::string name(llvm::Instruction& at, llvm::Value& pointer, std::uint64_t size);

 private:
  // A named object in memory. `text` is empty for what `this` points to: its members are named alone.
  struct object {
    std::string text;
    const llvm::DIType* type = nullptr;
    bool of_library = false;  // inside an object of the standard library's
  };

  std::optional<object> at_address(llvm::Value& pointer, int depth);       // what lies there
  std::optional<object> pointed_to_by(llvm::Value& pointer, int depth);    // `pointer` is the value of a named pointer
  static object inside(const object& whole, std::uint64_t offset, bool indexed);
  static std::optional<object> dereferenced(const object& pointer);

  const llvm::DataLayout& layout_;
};

}  // namespace ravel::instrument
