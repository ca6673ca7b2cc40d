#include "detector/explore/behaviours.hpp"

#include <algorithm>
#include <cmath>

namespace ravel::detector::explore {

void behaviours::grow() {
  std::vector<entry> old(table_.size() * 2);
  old.swap(table_);
  for (const entry& e : old) {
    if (e.times == 0) continue;
    std::size_t i = e.fingerprint & (table_.size() - 1);
    while (table_[i].times != 0) i = (i + 1) & (table_.size() - 1);
    table_[i] = e;
  }
}

bool behaviours::add(std::uint64_t fingerprint) {
  if (distinct_ * 2 >= table_.size()) grow();
  std::size_t i = fingerprint & (table_.size() - 1);
  while (table_[i].times != 0 && table_[i].fingerprint != fingerprint) i = (i + 1) & (table_.size() - 1);
  entry& e = table_[i];
  if (e.times == 0) {
    e = {fingerprint, 1};
    ++distinct_;
    ++once_;
    return true;
  }
  if (e.times == 1) {
    e.times = 2;
    --once_;
  }
  return false;
}

double behaviours::unseen(std::uint64_t seen_once, std::uint64_t drawn) {
  if (drawn == 0) return 1;
  const auto n = static_cast<double>(drawn);
  const double deviation = (2 * std::sqrt(2.0) + std::sqrt(3.0)) * std::sqrt(std::log(3 / 0.05) / n);
  return std::min(1.0, static_cast<double>(seen_once) / n + deviation);
}

}  // namespace ravel::detector::explore
