// Names of strategies.

#include <charconv>
#include <stdexcept>
#include <string>

#include "detector/explore/strategy.hpp"

namespace ravel::detector::explore {

namespace {

constexpr const char* allowed =
    "allowed are portfolio, random, pct:DEPTH, pos, surw, rf, bounded:PREEMPTIONS, round-robin, exhaustive, check-determinism";

std::uint32_t number_after_colon(std::string_view text, std::uint32_t otherwise, std::uint32_t least, std::uint32_t most) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return otherwise;
  const std::string_view digits = text.substr(colon + 1);
  std::uint32_t n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (error != std::errc{} || end != digits.data() + digits.size() || n < least || n > most) {
    throw std::invalid_argument("strategy '" + std::string(text) + "': after the colon a number from " + std::to_string(least) + " to " +
                                std::to_string(most) + " is needed");
  }
  return n;
}

}  // namespace

std::unique_ptr<strategy> make_strategy(std::string_view text, std::uint64_t seed) {
  const std::string_view name = text.substr(0, text.find(':'));
  const bool takes_number = name == "pct" || name == "bounded";
  if (name == "pct") return make_pct(seed, number_after_colon(text, 3, 1, 100));
  if (name == "bounded") return make_bounded(number_after_colon(text, 2, 0, 100));
  if (!takes_number && name == text) {
    if (name == "portfolio") return make_portfolio(seed);
    if (name == "random" || name == "check-determinism") return make_random(seed);
    if (name == "pos") return make_pos(seed);
    if (name == "surw") return make_surw(seed);
    if (name == "round-robin") return make_round_robin();
    if (name == "exhaustive") return make_exhaustive();
    if (name == "rf") return make_rf(seed);
  }
  throw std::invalid_argument("unknown strategy '" + std::string(text) + "'; " + allowed);
}

}  // namespace ravel::detector::explore
