#pragma once
// What one shard of an exploration has run, as a file for `ravel merge`: lines of JSON. No times in it, so that the same seed gives the same file.

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "detector/explore/behaviours.hpp"

namespace ravel::detector::explore {

struct shard_results {
  struct failure {
    std::uint64_t number = 0;      // of its schedule, from 0
    std::string kind, message, schedule, report;
  };
  struct one {
    std::uint64_t number = 0, fingerprint = 0;
    std::optional<double> walk = {};   // for the estimate of all classes
  };
  std::string program, strategy;
  std::uint64_t seed = 1, schedules = 0, max_steps = 0;   // schedules: asked for, of all shards
  std::uint32_t shard = 0, shards = 1;
  bool samples = true;             // else the first shard has done it all, and its verdict stands
  bool all = false;                // those asked for, or up to a failure: neither interrupted nor out of time
  std::uint64_t cut = 0;
  std::string verdict;
  std::vector<one> ran;            // in order
  std::vector<failure> failures;
};

struct unreadable_shard : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string print(const shard_results& r);
bool is_shard_file(const std::string& first_line);
shard_results read_shard(std::istream& in, const std::string& file);   // throws unreadable_shard: file, line and remedy

// What a single process would have found and said. Throws unreadable_shard when they are not the shards of one exploration, all of them.
struct whole_exploration {
  std::optional<shard_results::failure> first;
  std::string verdict;
};
whole_exploration join(std::vector<shard_results> parts, const std::vector<std::string>& files);

}  // namespace ravel::detector::explore
