#pragma once
// Who may do without locked instructions (invariants: include/ravel/detail/alone.hpp). Private to sched/.
//
// The processors decide: while `limit` is one and all others are idle, who holds the first may be alone. It asks when it needs to know, so taking
// a processor costs nothing here; giving one away, and raising `limit`, does.

#include <mutex>

#include "runtime/include/ravel/detail/alone.hpp"
#include "runtime/sched/futex.hpp"

namespace ravel::sched {

#if !RAVEL_ALONE
inline void prepare_to_be_alone() noexcept {}
inline void stand_back() noexcept {}
inline void ask_again() noexcept {}
inline bool end_alone_locked() noexcept { return true; }
inline void end_alone(std::unique_lock<os_lock>&) noexcept {}
#else
void prepare_to_be_alone() noexcept;      // at the start, with one processor
void stand_back() noexcept;               // this thread is about to give its processor away
void ask_again() noexcept;                // now and then: this thread may be the only one again
// Under global.lock, before another may run.
bool end_alone_locked() noexcept;         // false: somebody is inside yet, try again
void end_alone(std::unique_lock<os_lock>& hold) noexcept;  // waits; lets go of the lock meanwhile
#endif

// Every thread of the process has passed a full barrier when it returns.
void barrier_on_all_threads() noexcept;

}  // namespace ravel::sched
