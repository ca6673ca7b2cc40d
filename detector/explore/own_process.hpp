#pragma once
#include <memory>
#include <vector>

#include "detector/explore/engine.hpp"

namespace ravel::detector::explore {

// As execute, in a copy of this process: what the program changes, in memory, by exit or by dying, is gone afterwards. Its output is kept and
// becomes part of the report when it dies.
void execute_in_own_process(const terms& t, strategy& s, const wishes& w, execution& out);

// Several at the same time, of a strategy that samples: each copy has the strategy as it was when the copy was made. They are concluded in the
// order in which they were started.
class copies {
 public:
  explicit copies(unsigned at_a_time);
  ~copies();                                                       // those that still run are ended
  copies(const copies&) = delete;
  copies& operator=(const copies&) = delete;
  bool has_room() const;
  bool is_empty() const { return started_.empty(); }
  void start(const terms& t, strategy& s);                         // of the schedule that s has begun
  void wait();                                                     // until another is over
  bool first_is_over() const;
  void conclude_first(const terms& t, strategy& s, execution& out);
  struct copy;

 private:
  unsigned at_a_time_;
  execution scratch_;
  std::vector<std::unique_ptr<copy>> started_;
};

// Whether copies can be made: this process has no other thread. A copy would lack it.
bool can_be_copied();

// From now on the copies write to this process's output.
void let_output_through();

}  // namespace ravel::detector::explore
