#pragma once
// From a type and an offset to the member in source words, by debug information.

#include <llvm/IR/DebugInfoMetadata.h>

#include <cstdint>
#include <string>

namespace ravel::instrument {

// Without typedefs, const and volatile.
const llvm::DIType* bare_type(const llvm::DIType* t);

struct type_path {
  std::string members;                   // ".account.balance", ".values[]", "" for the whole
  const llvm::DIType* type = nullptr;    // of what lies there; null: unknown
  bool in_library = false;               // the path ends at an object of namespace std: what is inside is nobody's business
};

// What lies `offset` bytes into an object of type t, as far down as members go.
type_path path_to(const llvm::DIType* t, std::uint64_t offset);

// The type a pointer or reference leads to; null when t is neither.
const llvm::DIType* pointee(const llvm::DIType* t);
bool is_reference(const llvm::DIType* t);
bool is_library_class(const llvm::DIType* t);

}  // namespace ravel::instrument
