#include "detector/explore/verdict.hpp"

#include <cmath>
#include <cstdio>

#include "detector/explore/numbers.hpp"

namespace ravel::detector::explore {

namespace {

std::string percent(double share) {
  char text[32];
  if (share >= 0.1) std::snprintf(text, sizeof text, "%.0f %%", share * 100);
  else std::snprintf(text, sizeof text, "%.2g %%", share * 100);
  return text;
}

// An estimate has three digits that mean something.
std::string rounded(double n) {
  double unit = 1;
  while (n / unit >= 1000) unit *= 10;
  return with_commas(static_cast<std::uint64_t>(std::llround(n / unit) * static_cast<long long>(unit)));
}

std::string words_for(const behaviours::interval& c) {
  if (c.most - c.least < 0.5) return with_commas(static_cast<std::uint64_t>(std::llround(c.about)));
  return rounded(c.about) + " (95 %: " + rounded(c.least) + " to " + rounded(c.most) + ")";
}

}  // namespace

std::string words_for_all(const sampled& s) {
  return s.classes ? " of about " + words_for(*s.classes) : " of at least about " + words_for(s.seen->classes());
}

std::string words_for(const sampled& s) {
  std::string text = "sampled: " + with_commas(s.schedules) + " schedules, " + with_commas(s.seen->distinct()) + " distinct";
  if (s.estimates) text += words_for_all(s) + ", unseen mass at most " + percent(s.seen->unseen()) + " (95 %)";
  if (s.cut != 0) text += ", " + with_commas(s.cut) + " cut at " + with_commas(s.max_steps) + " steps";
  return text;
}

std::string words_for_found(const char* kind, std::uint64_t schedule, std::uint64_t failures) {
  return "found " + std::string(kind) + " in schedule " + with_commas(schedule) + (failures > 1 ? ", " + with_commas(failures) + " failures in all; " : "; ");
}

}  // namespace ravel::detector::explore
