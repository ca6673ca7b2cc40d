#pragma once
// From files and flags to findings, through clang.

#include <string>
#include <vector>

#include "instrument/vet/vet.hpp"
#include "tools/vet/command_line.hpp"

namespace ravel::tools::vet {

// Each finding once, though many files include its header. Throws refused: a file that is not there or does not compile, with its first error;
// no compile_commands.json.
std::vector<ravel::vet::finding> look(const command_line& c, const ravel::vet::selection& chosen);

}  // namespace ravel::tools::vet
