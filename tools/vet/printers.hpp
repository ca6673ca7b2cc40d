#pragma once
// Findings as text, JSON and SARIF: pure functions of them.

#include <span>
#include <string>

#include "instrument/vet/finding.hpp"

namespace ravel::tools::vet {

using ravel::vet::finding;

// A check as SARIF wants it told.
struct rule {
  const char* name;
  const char* sentence;
};

// Like the compiler's warnings: place, message, the line, a caret, notes.
std::string print_text(std::span<const finding> findings);

// {"schema": 1, "tool": "ravel vet", "findings": [{"check", "file", "line", "column", "message", "notes": [{"file", "line", "column", "message"}],
// "fixes": [{"file", "offset", "length", "text"}]}]}. The number changes when a reader could break.
std::string print_json(std::span<const finding> findings);

// SARIF 2.1.0; file names relative to `folder` where they lie in it.
std::string print_sarif(std::span<const finding> findings, std::span<const rule> rules, const std::string& folder);

}  // namespace ravel::tools::vet
