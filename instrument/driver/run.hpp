#pragma once
#include <string>
#include <vector>

namespace ravel::driver {

// Runs a program, found by PATH, with this process's streams (or none of them). Returns its exit status, 128 + signal when a signal
// ended it. Throws std::system_error when there is no such program.
int run(const std::vector<std::string>& words, bool silently = false);

// Looks for objects of the other variant among files: "" or one line that names the first, and the remedy.
std::string find_mixed_object(const std::vector<std::string>& files, bool race);

}  // namespace ravel::driver
