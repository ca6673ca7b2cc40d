#pragma once
// What the functions of this room have in common: when a call is an event of the program, and the edges it may add. The objects'
// clocks are named by address (address_clocks).

#include <cerrno>
#include <cstddef>

#include "detector/race/goroutine_state.hpp"
#include "detector/race/thread_state.hpp"
#include "runtime/hooks/controlled.hpp"
#include "runtime/hooks/event_sink.hpp"

namespace ravel::detector {

// Calls of the detector, of the scheduler and of the runtime (hooks::own_use) are no events: their locks must not order the program's
// accesses.
inline bool observed() noexcept { return !this_thread.inside && !this_thread.scheduling; }

// The same for functions that the runtime calls too where no goroutine runs (its poller reads and writes descriptors): no thread becomes
// a goroutine by them.
inline bool goroutine_observed() noexcept { return !this_thread.inside && this_thread.self != nullptr; }

// A call of a goroutine of a controlled run: what it asks of the C library is the schedule's. A call of the detector's or the runtime's never is,
// which may hold locks that no other goroutine of the run must find taken.
inline bool in_schedule() noexcept { return hooks::maybe_controlled() && observed() && hooks::in_controlled_run(); }

// One thread runs all goroutines of a schedule, and the C library must never stop it. So whoever has passed the point before an operation that
// may wait relies on being told what others did since: after each success (locked, taken) and each release.
inline void tell_of_success(const void* object) {
  if (!in_schedule()) return;
  hooks::progressed();
  hooks::changed(object);
}
inline void tell_of_release(const void* object) {
  if (in_schedule()) hooks::changed(object);
}
// With a deadline nobody can wait there: ends the run unless `possible`(object).
inline void refuse_to_wait(const void* object, bool (*possible)(const void*), const char* what) {
  if (in_schedule() && !possible(object)) hooks::refuse_in_controlled_run(what);
}

// Between construction and destruction the detector works for the running goroutine; errno is the program's again afterwards.
class observation {
 public:
  observation() : errno_(errno), self(running_or_adopted()) {}
  ~observation() { errno = errno_; }
  observation(const observation&) = delete;
  observation& operator=(const observation&) = delete;

 private:
  inside_detector guard_;
  int errno_;

 public:
  goroutine_state& self;
};

// `frame`: frame pointer of the function that stands before the C library's; its caller is the program.
void acquire_from(const void* object);
void release_to(const void* object, hooks::operation op, const void* frame);
void merge_into(const void* object, hooks::operation op, const void* frame);
void forget_clocks(const void* object, std::size_t size);

void lock_taken(const void* lock, hooks::lock_mode mode, hooks::operation op, const void* frame);
void lock_given_back(const void* lock);
enum class held : unsigned char { no, exclusively, shared };
held how_held(const void* lock);  // by the running goroutine

// A lock that one goroutine has at a time: after it was got, before it is given back.
void exclusive_lock_taken(const void* lock, hooks::operation op, const void* frame);
void exclusive_lock_ends(const void* lock, hooks::operation op, const void* frame);

// An object is used as such; its memory begins or ends to be one. The two conflict when unordered: a lock that is destroyed while it
// is in use. Uses do not conflict with each other.
void record_use(const void* object, const void* frame);
void record_life(const void* object, std::size_t size, const void* frame);

// Memory that the C library reads or writes for the program. Nothing when no goroutine runs.
void record_read(const void* memory, std::size_t size, const void* frame);
void record_written(const void* memory, std::size_t size, const void* frame);

}  // namespace ravel::detector
