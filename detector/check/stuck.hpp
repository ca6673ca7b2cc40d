#pragma once
// Goroutines that nobody can wake any more. One that waits is alive when somebody who can run, now or after a timer or the network, can get
// at what it waits for; who waits for a lock is as alive as the lock's holder. What is left over is dead for good, whatever happens later:
// so a moment at which nothing runs is enough to be sure.

#include <string>
#include <vector>

#include "detector/race/goroutine_state.hpp"
#include "runtime/hooks/services.hpp"

namespace ravel::detector {

struct stuck_goroutine {
  goroutine_state* g;
  hooks::wait_reason reason;
  std::vector<const void*> objects;
  goroutine_state* holder;  // of the lock or once it waits for; null: none, or not known
};

struct standstill {
  std::vector<stuck_goroutine> stuck;
  bool anybody_alive;       // some goroutine may still run
};

// With nothing to come (no timer, no network) everybody is stuck.
standstill find_stuck(bool nothing_to_come);

// Those who wait for timers again and again, and beside them for channels that nobody else who can run has: nothing can end them (G03).
// `objects` are these channels.
standstill find_endless();

// All that wait now, alive or not; of those who run nothing is known.
standstill find_waiting();

}  // namespace ravel::detector
