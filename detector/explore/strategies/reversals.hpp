#pragma once
// Which steps of a schedule could have come in the other order: what a partial-order reduction has yet to try.
//
// Two conflicting steps of different goroutines race when neither a third step nor their own goroutines order them. To see them the other way
// round the schedule is left before the first of them, and goes on with a step from which one gets to the second without the first: an initial
// of what lies between and does not depend on the first (Abdulla, Aronis, Jonsson, Sagonas: Optimal dynamic partial order reduction, POPL 2014,
// algorithm 1). Any one of the initials will do.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "detector/explore/trace.hpp"

namespace ravel::detector::explore {

struct reversal {
  std::uint32_t first = 0;                   // the number of the step that is to come later
  std::vector<std::uint32_t> initials;       // goroutines
};

class reversals {
 public:
  // Of pairs whose second step is `from` or later; steps are numbered from 0. Valid until the next call.
  const std::vector<reversal>& of(const trace& t, std::uint32_t from);

 private:
  struct taken {
    const event* e = nullptr;
    std::uint32_t before_own = 0;            // 1 + number of its goroutine's step before; 0: none
  };
  using clock = std::vector<std::uint32_t>;  // of each goroutine, 1 + the number of its last step that is known

  void step(const trace& t, const event& e, std::uint32_t from);
  void meet(const void* object, std::uint32_t number, std::uint32_t from);
  void add(std::uint32_t first, std::uint32_t second);
  bool comes_after(std::uint32_t step, std::uint32_t other) const { return after(step)[steps_[other].e->who] > other; }
  const std::uint32_t* after(std::uint32_t step) const { return &after_[std::size_t{step} * goroutines_]; }

  std::size_t goroutines_ = 0;
  std::vector<taken> steps_;
  std::vector<std::uint32_t> after_;         // a clock for each step
  std::vector<clock> present_;               // of each goroutine
  clock joined_;                             // with what the step depends on
  std::unordered_map<const void*, std::vector<std::uint32_t>> accesses_;  // steps that touch it
  std::vector<std::uint32_t> racing_;
  std::vector<reversal> found_;
};

}  // namespace ravel::detector::explore
