#include "detector/explore/network.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "runtime/hooks/controlled.hpp"

namespace ravel::detector::explore {

namespace {

namespace fault = hooks::network_fault;

constexpr struct {
  std::string_view name;
  std::uint32_t bit;
} rows[] = {{"refuse", fault::refuse},           {"reset", fault::reset},               {"silence", fault::silence},
            {"short-reads", fault::short_reads}, {"split-writes", fault::split_writes}, {"delay", fault::delay}};

std::uint32_t bit_of(std::string_view name) {
  if (name == "all") return fault::all;
  std::string allowed;
  for (const auto& row : rows) {
    if (row.name == name) return row.bit;
    allowed += std::string(row.name) + ", ";
  }
  throw std::invalid_argument("explore: network has no fault '" + std::string(name) + "'; allowed are " + allowed + "all, and several with commas between");
}

}  // namespace

std::uint32_t network_faults(std::string_view text) {
  std::uint32_t bits = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    bits |= bit_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return bits;
}

}  // namespace ravel::detector::explore
