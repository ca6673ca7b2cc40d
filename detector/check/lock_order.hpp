#pragma once
// Locks taken in different orders by different goroutines, although nothing hung this time (Havelund's GoodLock, SPIN 2000; Bensalem and
// Havelund, PADTAD 2005). An edge a -> b is "somebody took b while he held a". A circle of edges is a deadlock of another schedule when
// - its edges are of different goroutines,
// - no lock is held in two of them (a gate lock lets only one in at a time),
// - nothing ordered the critical sections but the locks themselves: when the later goroutine took the first of its locks, it knew nothing
//   of the earlier one's.
// The last is asked of the clocks as they were before the first lock (goroutine_state::before_locks), so locks that were passed on earlier
// count as order: some circles stay unreported, none is reported that cannot happen.

#include "detector/race/goroutine_state.hpp"

namespace ravel::detector {

void reserve_lock_order();
void note_nested_lock(goroutine_state& g, const void* lock, bool shared, bool waited);  // g holds it already, with others
void note_write_lock(goroutine_state& g, const void* lock);                             // of an rw_mutex that somebody may read twice
void forget_lock_order(const void* lock);
void forget_all_lock_orders();
void mark_sets_of_lock_order(std::uint8_t epoch);                                       // those that edges name, for the collector
void forget_set_of_lock_order(lock_set_id id);                                          // the id will be another set's

}  // namespace ravel::detector
