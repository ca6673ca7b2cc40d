#include "detector/report/formats/paths.hpp"

#include <filesystem>

namespace ravel::detector::report {

std::string below(const std::string& root, const std::string& file) {
  if (file.empty()) return file;
  const std::string path = std::filesystem::path(file).lexically_normal().string();
  if (root.empty()) return path;
  const std::string folder = std::filesystem::path(root + "/").lexically_normal().string();
  return path.starts_with(folder) ? path.substr(folder.size()) : path;
}

}  // namespace ravel::detector::report
