#pragma once

#include <span>

#include "instrument/vet/finding.hpp"

namespace ravel::tools::vet {

// Writes the fixes into the files; returns how many findings were mended. Of two that overlap, the first. Throws std::system_error when a file cannot be
// read or written; the others are then as they were or mended whole.
unsigned apply_fixes(std::span<const ravel::vet::finding> findings);

}  // namespace ravel::tools::vet
