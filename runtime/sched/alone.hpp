#pragma once
// Who may do without locked instructions (invariants: include/ravel/detail/alone.hpp). Private to sched/.
//
// The processors decide: while all others are idle, who holds one may be alone. It asks when it needs to know, so getting a processor costs
// nothing here; taking a second one out of the idle list does.

#include "runtime/include/ravel/detail/alone.hpp"

namespace ravel::sched {

#if RAVEL_ALONE
void prepare_to_be_alone() noexcept;      // at the start
void stand_back() noexcept;               // this thread is about to give its processor away
void ask_again() noexcept;                // now and then: this thread may be the only one again
// Under global.lock, before another processor runs. False: somebody is inside for longer than a moment, as after a page fault there.
bool end_alone_locked() noexcept;
#else
inline void prepare_to_be_alone() noexcept {}
inline void stand_back() noexcept {}
inline void ask_again() noexcept {}
inline bool end_alone_locked() noexcept { return true; }
#endif

// Every thread of the process has passed a full barrier when it returns.
void barrier_on_all_threads() noexcept;

}  // namespace ravel::sched
