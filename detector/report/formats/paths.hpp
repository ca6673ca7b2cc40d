#pragma once
#include <string>

namespace ravel::detector::report {

// `file` below `root`, without it; any other as it is. Folders . and .. are resolved by their names.
std::string below(const std::string& root, const std::string& file);

// A path as a URI (RFC 3986): "a%20b.cpp" relative, "file:///a%20b.cpp" from the root. Bytes that are no letters are written %XX.
std::string as_uri(const std::string& path);

}  // namespace ravel::detector::report
