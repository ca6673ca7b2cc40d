#pragma once
// Runs the checks over what the user wrote in one translation unit.

#include <clang/AST/ASTContext.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "instrument/vet/check.hpp"
#include "instrument/vet/finding.hpp"

namespace ravel::vet {

// Which checks run; without a word, all.
class selection {
 public:
  // "a,b" only these; "-a" all but a. False: `unknown` is no check's name.
  bool choose(std::string_view list, std::string& unknown);
  bool includes(std::string_view check) const { return off_.find(check) == off_.end(); }

 private:
  std::set<std::string, std::less<>> off_;
};

struct located {
  const check* found_by;
  draft what;
};

// In the order of the source; each once, though a template has many instances. Without those that a comment ignores, and without any
// in system headers. Nothing, and at no cost, when the unit does not know Ravel.
std::vector<located> run_checks(clang::ASTContext& context, const selection& chosen);

finding to_finding(const located& l, const clang::ASTContext& context);

}  // namespace ravel::vet
