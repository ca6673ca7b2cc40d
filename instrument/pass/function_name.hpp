#pragma once
#include <llvm/ADT/StringRef.h>
#include <llvm/IR/DebugInfoMetadata.h>

#include <string>

namespace ravel::instrument {

// A function as a person writes it: bank::deposit(int), main, main::{lambda()#1}::operator()() const. No return type, no ABI tags;
// lambdas as the C++ runtime's demangler spells them, so that all frames of a stack look alike.
std::string function_name(const llvm::DISubprogram& f);
std::string function_name(llvm::StringRef mangled);

// The last name of it, without arguments of templates: operator[], push_back.
std::string base_name(llvm::StringRef mangled);

}  // namespace ravel::instrument
