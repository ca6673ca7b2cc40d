// Compiled for general registers only: the cold entry points run it between values that instrumented code holds in vector registers.

#include "detector/race/collector.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/history.hpp"

namespace ravel::detector {

segment_id present_segment(goroutine_state& g) {
  segment_id s = g.segment.load(std::memory_order_relaxed);
  if (s != no_segment) return s;
  const clock_time time = g.clock.begin_recording();
  s = segment_table::begin(g.clock.chain(), time, g.index);
  g.last_recorded = time;
  g.segment.store(s, std::memory_order_release);
  if (this_thread.self == &g) __ravel_current = current_word(s);
  // Here too: goroutines that only hand over make segments, and no step that the rule is asked for.
  if (collection_is_due()) this_thread.chores = true;
  return s;
}

void begin_alias_segment(goroutine_state& g) {
  g.segment.store(no_segment, std::memory_order_release);
  present_segment(g);
}

}  // namespace ravel::detector
