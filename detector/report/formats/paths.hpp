#pragma once
#include <string>

namespace ravel::detector::report {

// `file` below `root`, without it; any other as it is. Folders . and .. are resolved by their names.
std::string below(const std::string& root, const std::string& file);

}  // namespace ravel::detector::report
