#pragma once
// Chain ids, reused exactly (chain decomposition): a new goroutine may continue the chain of a finished one whose whole run its parent
// knows, so the number of ids is the width of the program, not the number of goroutines it ever made.
//
// Goroutines whose end nobody learns of, as those of a server's connections, widen it for ever. Their chains are forgotten, 64 at a time (a
// leaf of a clock): when no record of their goroutines is left, nobody will ask a clock for them, and clocks drop the entries when they next grow.
// A forgotten chain is never reused: some clock may have kept its entry, and who knew the new times would seem to know the old ones.
//
// Thread-safety: all functions may be called from any thread.

#include <atomic>
#include <utility>

#include "detector/clock/vector_clock.hpp"

namespace ravel::detector {

struct chain_start {
  chain_id chain;
  clock_time first;  // first time the new goroutine may use
};

class chain_pool {
 public:
  // In use from now on, until let_go.
  chain_start for_child_of(const vector_clock& parent);
  chain_start fresh();

  // The goroutine of this clock has ended. `last_recorded`: the last time at which it recorded an access (0: none).
  void retire(const vector_clock& finished, clock_time last_recorded);

  // The same for the goroutines of controlled runs, by their number in the run: each has the chain of the one with that number in the run before, so
  // however many runs there are, clocks stay as small as one run's. Who began the run knows all of the one before.
  chain_start for_numbered_child_of(const vector_clock& parent, std::uint32_t number);
  void retire_numbered(const vector_clock& finished, clock_time last_recorded, std::uint32_t number);

  // One use more of a chain in use; one less: nothing is left that was recorded under it by the goroutine it was given to.
  static void keep(chain_id chain);
  static void let_go(chain_id chain);

  // For the collector, now and then: forgets what is not in use, when it is most of all there is and new goroutines find none of it to reuse.
  static void forget_unused();
  static bool has_forgotten(chain_id chain);
  static std::uint16_t times_forgotten() noexcept { return times_forgotten_.load(std::memory_order_acquire); }

 private:
  static inline constinit std::atomic<std::uint16_t> times_forgotten_{0};
};

// A chain that somebody who lives on names: none of what its clock could be asked for is forgotten.
class kept_chain {
 public:
  explicit kept_chain(chain_id chain) : chain_(chain) { chain_pool::keep(chain_); }
  kept_chain(const kept_chain& o) : kept_chain(o.chain_) {}
  kept_chain& operator=(kept_chain o) noexcept {
    std::swap(chain_, o.chain_);
    return *this;
  }
  ~kept_chain() { chain_pool::let_go(chain_); }
  operator chain_id() const noexcept { return chain_; }

 private:
  chain_id chain_;
};

}  // namespace ravel::detector
