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

  std::string name(llvm::Instruction& at, llvm::Value& pointer);

 private:
  // A place in memory inside a named object.
  struct object {
    std::string text;                      // empty for what `this` points to: its members are named alone
    const llvm::DIType* type = nullptr;    // null: unknown
    std::int64_t offset = 0;               // of the place in the object, modulo its size where the object is one of several in a row
    bool indexed = false;                  // some distance known only at run time comes on top
    bool of_library = false;               // inside an object of the standard library's
  };

  std::optional<object> at_address(llvm::Value& pointer, int depth);       // what lies there
  std::optional<object> pointed_to_by(llvm::Value& pointer, int depth);    // `pointer` is the value of a named pointer
  std::optional<object> element_of_range(llvm::Value& iterator, int depth);
  const llvm::DILocalVariable* variable_with_value(llvm::Value* v) const;
  static object innermost(object o);                                       // the member at o.offset, as an object of its own
  static object behind_library_object(const object& holder);
  static std::optional<object> dereferenced(const object& pointer);

  const llvm::DataLayout& layout_;
  const llvm::DILocation* at_ = nullptr;  // of the access being named
};

}  // namespace ravel::instrument
