#include "detector/report/formats/paths.hpp"

#include <filesystem>
#include <string_view>

namespace ravel::detector::report {

std::string below(const std::string& root, const std::string& file) {
  if (file.empty()) return file;
  const std::string path = std::filesystem::path(file).lexically_normal().string();
  if (root.empty()) return path;
  const std::string folder = std::filesystem::path(root + "/").lexically_normal().string();
  return path.starts_with(folder) ? path.substr(folder.size()) : path;
}

std::string as_uri(const std::string& path) {
  constexpr std::string_view allowed = "-._~/!$&'()*+,;=@";  // besides letters and digits
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || allowed.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

}  // namespace ravel::detector::report
