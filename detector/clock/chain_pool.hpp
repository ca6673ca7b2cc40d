#pragma once
// Chain ids, reused exactly (chain decomposition): a new goroutine may continue the chain of a finished one whose whole run its parent
// knows, so the number of ids is the width of the program, not the number of goroutines it ever made.
//
// Thread-safety: all functions may be called from any thread.

#include "detector/clock/vector_clock.hpp"

namespace ravel::detector {

struct chain_start {
  chain_id chain;
  clock_time first;  // first time the new goroutine may use
};

class chain_pool {
 public:
  chain_start for_child_of(const vector_clock& parent);
  chain_start fresh();

  // The goroutine of this clock has ended. `last_recorded`: the last time at which it recorded an access (0: none).
  void retire(const vector_clock& finished, clock_time last_recorded);

  // The same for the goroutines of controlled runs, by their number in the run: each has the chain of the one with that number in the run before, so
  // however many runs there are, clocks stay as small as one run's. Who began the run knows all of the one before.
  chain_start for_numbered_child_of(const vector_clock& parent, std::uint32_t number);
  void retire_numbered(const vector_clock& finished, clock_time last_recorded, std::uint32_t number);
};

}  // namespace ravel::detector
