#pragma once
// Who holds what, as far as the race detector writes it down anyway (lock_sets), and who runs a once.

#include "detector/race/goroutine_state.hpp"
#include "detector/shadow/lock_sets.hpp"

namespace ravel::detector {

// The newest entry of `lock` in the set; null: not held.
inline const held_lock_record* held(lock_set_id set, const void* lock) {
  for (; set != 0; set = lock_sets::at(set).others) {
    if (lock_sets::at(set).lock == lock) return &lock_sets::at(set);
  }
  return nullptr;
}

inline bool is_for_lock(hooks::wait_reason r) {
  return r == hooks::wait_reason::mutex_lock || r == hooks::wait_reason::rw_mutex_lock || r == hooks::wait_reason::rw_mutex_rlock;
}

inline bool keeps_out(const held_lock_record& holder, bool wanted_shared) { return !holder.shared || !wanted_shared; }

// Locks that somebody gave back who did not hold them: Go allows it, and then holding proves nothing. Any thread.
void note_handed_over(const void* lock);
bool is_handed_over(const void* lock);
void forget_handed_over(const void* lock);
void forget_all_holders();  // of locks and onces

// The goroutine that runs the function of a once. Any thread.
void note_once_begins(const void* once, goroutine_state& g);
bool note_once_ends(const void* once);  // true: by an exception
goroutine_state* runner_of_once(const void* once);

}  // namespace ravel::detector
