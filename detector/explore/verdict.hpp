#pragma once
// The line that says what an exploration by samples has seen, of one process or of the shards together.

#include <cstdint>
#include <optional>
#include <string>

#include "detector/explore/behaviours.hpp"

namespace ravel::detector::explore {

inline constexpr const char* model = "sequential consistency";

struct sampled {
  std::uint64_t schedules = 0;
  const behaviours* seen = nullptr;
  bool estimates = false;        // how much was not seen: of draws at random, where nothing ended them
  std::optional<behaviours::interval> classes = {};   // nothing: a lower bound is told
  std::uint64_t cut = 0, max_steps = 0;
};
std::string words_for(const sampled& s);                    // "sampled: ..."

// " of about 1,680 (95 %: 1,400 to 2,100)"
std::string words_for_all(const sampled& s);

// "found race in schedule 9; "
std::string words_for_found(const char* kind, std::uint64_t schedule, std::uint64_t failures);

}  // namespace ravel::detector::explore
