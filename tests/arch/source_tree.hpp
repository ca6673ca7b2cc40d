#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ravel::test {

// The C and C++ files of the project's four folders of code under `root`, as paths relative to it, sorted.
std::vector<std::string> source_files(const std::filesystem::path& root);

std::vector<std::string> lines_of(const std::filesystem::path& file);

}  // namespace ravel::test
