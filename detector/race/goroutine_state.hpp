#pragma once
// What the detector keeps per live goroutine.
//
// Invariants: `segment` is no_segment exactly while nothing has been recorded since the last release; the thread that runs the goroutine
// has __ravel_current == current_word(segment). Used by the thread that runs the goroutine, or by the one that is about to wake it; the
// collector reads both segments and the links at any time.

#include <atomic>

#include "detector/clock/vector_clock.hpp"
#include "detector/race/release_log.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/access_record.hpp"
#include "runtime/hooks/event_sink.hpp"

namespace ravel::detector {

struct sync_cell;

// The last release, where it ended a segment: taking the same lock again, before anybody has learnt of the release, undoes it, and the
// segment goes on (sync_events: retaken). So a goroutine that has a lock to itself for a while is checked like one without locks.
struct undoable_release {
  const sync_cell* to = nullptr;  // null: none
  std::uint64_t learnt = 0;       // sync_cell::learnt at the release
  segment_id segment = no_segment;
};

struct goroutine_state {
  vector_clock clock;
  std::atomic<segment_id> segment{no_segment};
  std::atomic<segment_id> kept_segment{no_segment};  // the one that `undoable` may make present again, or has
  undoable_release undoable;
  goroutine_index index = 0;
  std::uint32_t ignore_depth = 0;
  std::uint32_t number_in_run = 0;  // of a controlled run, and begun with its chain; 0: other
  lock_set_id locks = 0;
  clock_time last_recorded = 0;
  std::uint64_t context = 0;     // __ravel_context while the goroutine is not running
  std::uintptr_t stack_low = 0, stack_high = 0;
  const hooks::goroutine_view* view = nullptr;
  sync_clock acquire_fence;      // what relaxed loads have seen, for the next acquire fence
  sync_clock release_fence;      // clock at the last release fence
  release_log releases;
  vector_clock before_locks;     // once locks nest: what it knew before it took the first of the locks it holds
  bool before_locks_known = false;
  bool reported_stuck = false;   // a finding says already that it can never go on
  bool wants_lock = false;       // listener::lock_wanted has been called and lock_got has not
  goroutine_state* previous = nullptr;
  goroutine_state* next = nullptr;
};

// The goroutine that runs on this thread. Null on a thread nobody has claimed yet; `adopt` claims it.
inline goroutine_state* running() noexcept { return this_thread.self; }
goroutine_state& adopted();
inline goroutine_state& running_or_adopted() { return __builtin_expect(this_thread.self != nullptr, 1) ? *this_thread.self : adopted(); }

goroutine_state& create_goroutine_state(hooks::goroutine_view* parent, hooks::goroutine_view& view);
void destroy_goroutine_state(goroutine_state& g);
void switch_to(goroutine_state& g) noexcept;   // on this thread
void switch_away() noexcept;

// Ends the segment: what follows must not look like what went before. Called by every release.
void end_segment(goroutine_state& g) noexcept;

// The segment is the present one again: its end has been undone.
void resume_segment(goroutine_state& g, segment_id s) noexcept;

// The present segment, begun when there is none.
segment_id present_segment(goroutine_state& g);
void begin_alias_segment(goroutine_state& g);  // same chain and time, new id: the present one has no room for more states

inline goroutine_state& state_of_view(hooks::goroutine_view& v) { return *static_cast<goroutine_state*>(v.detector_state); }

// Calls visit for every live goroutine; none starts or ends meanwhile.
void for_each_goroutine(void* context, void (*visit)(void* context, goroutine_state& g));

}  // namespace ravel::detector
