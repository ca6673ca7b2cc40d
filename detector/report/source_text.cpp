#include "detector/report/source_text.hpp"

#include <algorithm>
#include <fstream>

namespace ravel::detector::report {

std::string source_text::line(const std::string& file, std::uint32_t line) {
  if (file.empty() || line == 0) return {};
  const auto [known, is_new] = files_.try_emplace(file);
  if (is_new) {
    std::ifstream in(file);
    for (std::string text; std::getline(in, text);) {
      if (!text.empty() && text.back() == '\r') text.pop_back();
      std::replace(text.begin(), text.end(), '\t', ' ');
      known->second.push_back(std::move(text));
    }
  }
  return line <= known->second.size() ? known->second[line - 1] : std::string();
}

}  // namespace ravel::detector::report
