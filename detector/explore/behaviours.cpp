#include "detector/explore/behaviours.hpp"

#include <algorithm>
#include <bit>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <numeric>

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
    e = {fingerprint, 1, static_cast<std::int8_t>(std::bit_width(drawn_) - 1)};
    ++distinct_;
    ++once_;
    count(e);
    return true;
  }
  count(e);
  if (e.times == 1) --once_, ++twice_;
  if (e.times == 2) --twice_;
  if (e.times < 3) ++e.times;
  return false;
}

void behaviours::count(const entry& e) {
  ++drawn_;
  if (e.after >= 0) ++drawn_of_[static_cast<std::size_t>(e.after)];
}

behaviours::interval behaviours::classes() const {
  const auto seen = static_cast<double>(distinct_), f1 = static_cast<double>(once_), f2 = static_cast<double>(twice_);
  const double unseen = f1 * (f1 - 1) / (2 * (f2 + 1));
  if (unseen <= 0) return {seen, seen, seen + f1};
  double variance = 0;
  if (f2 > 0) {
    const double r = f1 / f2;
    variance = f2 * (r * r * r * r / 4 + r * r * r + r * r / 2);
  } else {
    variance = f1 * (f1 - 1) / 2 + f1 * (2 * f1 - 1) * (2 * f1 - 1) / 4 - f1 * f1 * f1 * f1 / (4 * (seen + unseen));
  }
  // What was not seen is distributed about as the logarithm of a normal variable.
  const double c = std::exp(1.96 * std::sqrt(std::log1p(std::max(0.0, variance) / (unseen * unseen))));
  return {seen + unseen, seen + unseen / c, seen + unseen * c};
}

double behaviours::unseen() const {
  if (drawn_ < 2) return 1;
  const auto set = static_cast<std::size_t>(std::bit_width(drawn_) - 2);  // 2^set draws
  const std::uint64_t others = drawn_ - (std::uint64_t{1} << set);
  const std::uint64_t outside = std::accumulate(drawn_of_.begin() + static_cast<std::ptrdiff_t>(set), drawn_of_.end(), std::uint64_t{0});
  if (outside == others) return 1;
  // In double alone: long double is the old floating-point unit's, whose flags nobody else here touches.
  using binomial = boost::math::binomial_distribution<double, boost::math::policies::policy<boost::math::policies::promote_double<false>>>;
  return binomial::find_upper_bound_on_p(static_cast<double>(others), static_cast<double>(outside), 0.05);
}

}  // namespace ravel::detector::explore
