#pragma once
// What the checks of misuse hear of, beyond what the race detector needs. The race room does not know the checks: they register here before
// any event, and are always there in a -race program; tests of the race room alone run without.

#include "detector/race/goroutine_state.hpp"
#include "runtime/hooks/event_sink.hpp"

namespace ravel::detector {

class event_listener {
 public:
  // After the fact, and only while g holds another lock too. `waited`: false for a try.
  virtual void lock_nested(goroutine_state& g, const void* lock, hooks::lock_mode mode, bool waited) = 0;
  virtual void lock_taken_for_writing(goroutine_state& g, const void* lock) = 0;  // an rw_mutex
  virtual void lock_wanted(goroutine_state& g, const void* lock, hooks::lock_mode mode, const void* frame) = 0;
  virtual void lock_got(goroutine_state& g) = 0;                                  // ends what lock_wanted began
  virtual void lock_released_by_other(goroutine_state& g, const void* lock) = 0;  // g does not hold it
  virtual void lock_destroyed(const void* lock) = 0;
  virtual void destroyed_in_use(goroutine_state& g, const void* object, hooks::event_sink::used_object what, const void* frame) = 0;
  virtual void once_begins(goroutine_state& g, const void* once) = 0;
  virtual void once_ends(goroutine_state& g, const void* once) = 0;
  virtual bool wants_all_channels() = 0;
  virtual void channel_made(goroutine_state& g, const void* channel, hooks::watched_channel& w, const void* frame) = 0;
  virtual void channel_owned(goroutine_state& g, const void* channel, hooks::watched_channel& w, const void* frame) = 0;
  virtual void channel_used(goroutine_state& g, const void* channel, hooks::watched_channel& w, hooks::channel_use use, const void* frame) = 0;
  virtual void channel_gone(hooks::watched_channel& w) = 0;
  virtual void goroutine_ends(goroutine_state& g) = 0;  // before its state goes away
  virtual void mark_lock_sets(std::uint8_t epoch) = 0;  // for the collector: those it will ask for later
  virtual void lock_set_gone(lock_set_id id) = 0;       // its id will be another's
  virtual bool wants_quiet_moment() = 0;
  virtual void quiet_moment() = 0;
  virtual void all_asleep() = 0;
  virtual void main_returned() = 0;
  virtual void controlled_run_begins() = 0;
  virtual std::size_t controlled_standstill(bool nothing_to_come) = 0;

 protected:
  ~event_listener() = default;
};

inline constinit event_listener* listener = nullptr;

// True from the first time that somebody took a lock while he held another: from then on goroutine_state::before_locks is kept.
inline constinit std::atomic<bool> locks_nest{false};

}  // namespace ravel::detector
