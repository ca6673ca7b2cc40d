#pragma once
// Explorations and replays of a body, for <ravel/explore.hpp> and for whole programs.

#include <cstddef>
#include <string_view>

#include "detector/explore/engine.hpp"
#include "detector/explore/shard_file.hpp"

namespace ravel::detector::explore {

struct surroundings {
  bool own_process = false;      // of each schedule
  bool progress = false;         // a line on stderr, while it goes on
  std::size_t first_stack = 0;   // bytes for the body; 0: as for every goroutine
  shard_results* results = nullptr;  // filled in, but for what the caller knows: program, strategy, seed, schedules
  unsigned jobs = 1;             // schedules in processes of their own at the same time; with any number the result is the same
};

api::result run_exploration(const body& b, const api::options& o, const surroundings& s);
api::result run_replay(const body& b, std::string_view text, const surroundings& s);

}  // namespace ravel::detector::explore
