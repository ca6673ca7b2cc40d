#pragma once
// Goroutines that wait for locks which others hold who wait for locks: the circle is found when its last member begins to wait. Exact: who
// waits for a lock cannot give back what he holds, and what the last one holds he has at that moment. One who waits for a lock that he holds
// himself (lock taken twice, upgrade of a read lock) is only noted: Go lets another goroutine unlock it, so it is reported when nothing
// else runs any more, or when main is over.

#include "detector/race/goroutine_state.hpp"

namespace ravel::detector {

void begin_lock_wait(goroutine_state& g, const void* lock, hooks::lock_mode mode, const void* frame);
void end_lock_wait(goroutine_state& g);
void report_self_locks();  // of those that wait now

}  // namespace ravel::detector
