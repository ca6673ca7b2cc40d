#pragma once
// The functions that the user wrote: those with a body outside of system headers, and of templates the instances.

#include <clang/AST/ASTContext.h>

#include <vector>

namespace ravel::vet {

std::vector<const clang::FunctionDecl*> user_functions(clang::ASTContext& context);

}  // namespace ravel::vet
