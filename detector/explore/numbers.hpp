#pragma once
#include <cstdint>
#include <string>

namespace ravel::detector::explore {

inline std::string with_commas(std::uint64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

}  // namespace ravel::detector::explore
