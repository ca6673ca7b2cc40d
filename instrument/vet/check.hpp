#pragma once
// A check of ravel vet: a row of checks.def and a file in checks/. It sees one function at a time and reports only what is surely wrong:
// a finding in a correct program is a defect of the check.

#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/SourceLocation.h>

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "instrument/vet/facts.hpp"

namespace ravel::vet {

struct draft {
  clang::SourceLocation where;
  std::string text;
  std::vector<std::pair<clang::SourceLocation, std::string>> notes = {};
  std::vector<clang::FixItHint> fixes = {};  // only those that cannot make a right program wrong
};

using report = std::function<void(draft)>;

struct check {
  const char* name;
  const char* conditions;  // ids of detector/check/conditions.md
  const char* sentence;
  void (*run)(const facts& f, const report& add);
};

std::span<const check> all_checks();

}  // namespace ravel::vet
