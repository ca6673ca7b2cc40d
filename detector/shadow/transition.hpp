#pragma once
// The rule: what a granule's history becomes when one more access is made, and whether that access races with one in the history.
//
// FastTrack (Flanagan, Freund, PLDI 2009), with all maximal reads kept instead of one, C++ atomics as classes of their own, and masks of
// bytes. Complete on the observed execution: for every byte, if some access races with an earlier one, the first such is found.

#include "detector/clock/vector_clock.hpp"
#include "detector/shadow/history.hpp"

namespace ravel::detector {

// One access as the rule sees it; `record.bytes` are those in this granule, chain and time those of the accessing goroutine.
struct transition_result {
  tag_word tag;                       // equal to the old one: nothing to remember
  bool unchanged;                     // the history stays: `covered` bytes of it stand for an access of this class whoever repeats it
  byte_mask covered;
  bool segment_full;                  // nothing done: begin an alias segment (same chain and time) and try again
  point_id point;                     // where the step was a short one (short_step.hpp), the point's name; else 0
  bool races;                         // with `conflict`, an unordered conflicting access
  access_record conflict;
};

// Requires: the caller holds the block lock, `current` is the goroutine's present segment, record.chain and time its.
transition_result transition(tag_word old, const access_record& access, const vector_clock& clock, segment_id current);

}  // namespace ravel::detector
