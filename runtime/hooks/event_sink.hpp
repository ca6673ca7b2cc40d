#pragma once
// What happened: the runtime's side of the seam to the detector. The runtime calls an event_sink; the detector implements it.
// In a plain build (RAVEL_RACE=0) nothing here has any size or code: sync_object is empty and hooks::sink() does not exist;
// runtime code says `if constexpr (hooks::enabled) hooks::sink()...`, or uses the one-line helpers of hooks.hpp.

#include <cstddef>
#include <cstdint>

#include "wait_reason.hpp"

#ifndef RAVEL_RACE
#define RAVEL_RACE 0
#endif

namespace ravel::hooks {

inline constexpr bool enabled = RAVEL_RACE != 0;

// What the detector may know of a goroutine. The scheduler's goroutine type derives from it and keeps it true.
struct goroutine_view {
  std::uint64_t id = 0;            // 1 is main; never reused
  const char* name = "";           // go_options::name, or "": lives as long as the goroutine
  std::uintptr_t stack_low = 0;    // [stack_low, stack_high): the goroutine's own stack; 0, 0 when unknown
  std::uintptr_t stack_high = 0;
  wait_reason waiting_for = wait_reason::none;
  void* detector_state = nullptr;  // the event sink's; the runtime only carries it
#if RAVEL_RACE
  std::uint64_t order_time = 0;    // of whoever keeps the order of operations (order.hpp)
  std::uint64_t order_done = 0;
#endif
};

// The detector's storage inside a runtime object: a mutex, one channel slot, a timer. Its address is the object's identity.
struct sync_object {
#if RAVEL_RACE
  void* clock = nullptr;  // the event sink's; give it back with event_sink::destroyed
#endif
};

// The detector's storage inside a channel whose uses it wants to hear of: one that has a declared owner, or any when it asks for all.
struct watched_channel {
#if RAVEL_RACE
  void* record = nullptr;  // null: not watched
#endif
};

enum class channel_use : std::uint8_t { send, receive, close };

enum class lock_mode : std::uint8_t { exclusive, shared };

// What an operation was, in reports ("last synchronised when it unlocked a mutex at bank.cpp:20").
enum class operation : std::uint8_t {
  go,             // creation of a goroutine
  chan_send,
  chan_receive,
  chan_close,
  mutex_unlock,
  mutex_lock,
  rw_mutex_unlock,
  rw_mutex_lock,
  rw_mutex_runlock,
  rw_mutex_rlock,
  wait_group_done,
  wait_group_wait,
  once_done,
  once_call,
  cond_signal,
  cond_wait,
  timer_start,
  timer_fire,
  pool_put,
  pool_get,
  annotation,     // race::release and friends
  atomic_store,   // std::atomic and fences of user code
  atomic_load,
  static_init,    // function-local statics
  thread_create,        // of the C library, and so of std::thread, std::mutex...: pthread_create
  thread_mutex_unlock,
  thread_mutex_lock,
  thread_spin_unlock,
  thread_spin_lock,
  thread_rwlock_unlock,
  thread_rwlock_lock,
  thread_rwlock_runlock,
  thread_rwlock_rlock,
  thread_cond_signal,
  thread_semaphore_post,
  thread_barrier_wait,
  thread_once,
  descriptor_write,     // wrote to, closed or connected a file descriptor
  exception_release,    // a thread let go of an exception that others may hold too
  signal_sent,          // sent a signal, or installed its handler
};

// Pseudo-variables: accesses that stand for a misuse which has no memory of its own.
enum class marker : std::uint8_t {
  channel_state,     // read by each send attempt, written by close: "send races with close", "close races with close"
  wait_group_reuse,  // read by an add that starts from 0, written by the first waiter that blocks: "add races with wait"
};

// Thread-safety: events that name goroutine g come from the thread that runs g, or, while g is parked, from the thread that is
// about to make it runnable (which then owns it). Two events on one sync_object may arrive at the same time unless said otherwise.
// Edges (happens-before) are exactly those of these calls; parking, waking, yielding and sleeping add none.
class event_sink {
 public:
  // The child inherits the parent's clock. Called by the parent inside go(), stack bounds of the child known. parent is null for goroutine 1,
  // for adopted threads, which call it themselves, and for what a timer starts, where the thread that serves the timer calls it and runs
  // no goroutine at that moment.
  virtual void created(goroutine_view* parent, goroutine_view& child) = 0;
  virtual void resumed(goroutine_view& g) = 0;    // g runs on this OS thread from now on
  // g no longer runs on this OS thread, which says so once g's stack is saved: on another stack, before anybody can make g runnable, and before
  // the thread calls resumed for the next.
  virtual void suspended(goroutine_view& g) = 0;
  virtual void ended(goroutine_view& g) = 0;      // last event of g, on its own stack; its stack is then reused

  virtual void acquire(goroutine_view& g, sync_object& o, operation op) = 0;        // g's clock := join(g, o)
  virtual void release(goroutine_view& g, sync_object& o, operation op) = 0;        // o := g's clock; g ticks
  virtual void release_merge(goroutine_view& g, sync_object& o, operation op) = 0;  // o := join(o, g); g ticks
  virtual void exchange(goroutine_view& g, sync_object& o, operation op) = 0;       // o gets g's clock as it was BEFORE, g joins old o; g ticks
  // g holds again what it let go of by its last release to o. From this call until g releases to o once more nobody can learn from o: it
  // is a lock's, and g has it. The sink may undo that release where nobody has learnt of it yet. No edge; comes before the lock's acquire.
  virtual void retaken(goroutine_view& g, sync_object& o) = 0;
  virtual void rendezvous(goroutine_view& current, goroutine_view& peer, operation op) = 0;  // both learn all the other knew; peer is parked
  virtual void handoff(goroutine_view& from, goroutine_view& to, operation op) = 0;          // `to` (parked) joins from's clock; from ticks
  virtual void transfer(sync_object& from, sync_object& to) = 0;                    // to := from, when no goroutine acts (a timer fires)
  virtual void forget(sync_object& o) = 0;                                          // o := nothing
  virtual void destroyed(sync_object& o) = 0;                                       // o's memory goes away

  virtual void marker_read(goroutine_view& g, const void* object, marker m) = 0;   // object: 8-aligned address inside the runtime object
  virtual void marker_write(goroutine_view& g, const void* object, marker m) = 0;
  virtual void marker_destroyed(const void* object) = 0;  // nobody uses the runtime object any more, by its own reference count or lock

  // Which locks a goroutine holds, for reports; the edges are separate (acquire, release).
  // `waited`: by a call that blocks until it has the lock; false: a try.
  virtual void lock_acquired(goroutine_view& g, const void* lock, lock_mode mode, operation op, bool waited) = 0;
  virtual void lock_released(goroutine_view& g, const void* lock, lock_mode mode) = 0;

  // For the checks of misuse (detector/check). g is about to block for a lock that it could not have at once; lock_acquired follows, if ever.
  virtual void wants_lock(goroutine_view& g, const void* lock, lock_mode mode, operation op) = 0;
  virtual void lock_destroyed(const void* lock) = 0;  // before its memory goes away
  // A lock or wait_group goes away while somebody holds it, waits for it or is still counted. By the program, not at the end of a controlled run.
  enum class used_object : std::uint8_t { mutex, rw_mutex, wait_group };
  virtual void destroyed_in_use(goroutine_view& g, const void* object, used_object what) = 0;
  virtual void once_begins(goroutine_view& g, const void* once) = 0;  // g runs the function; once_ends follows on any way out
  virtual void once_ends(goroutine_view& g, const void* once) = 0;
  // Who uses which channel. channel_made: a new one, of the program or of the runtime. channel_owned: g declares that it owns the channel, or is
  // about to use it through the handle that makes it the owner. channel_used: g tries to send or to close, or has received an element; only
  // of a channel that is watched, not under its lock. channel_gone: nobody uses it any more.
  virtual bool wants_all_channels() = 0;
  virtual void channel_made(goroutine_view& g, const void* channel, watched_channel& w) = 0;
  virtual void channel_owned(goroutine_view& g, const void* channel, watched_channel& w) = 0;
  virtual void channel_used(goroutine_view& g, const void* channel, watched_channel& w, channel_use use) = 0;
  virtual void channel_gone(watched_channel& w) = 0;

  // Nothing runs and nothing is about to: every goroutine is parked, and the scheduler's lock keeps them so. With timers or the network
  // still to come; asked first, since the runtime must make sure of it. Called on the scheduler's stack.
  virtual bool wants_quiet_moment() = 0;
  virtual void quiet_moment() = 0;
  virtual void all_asleep() = 0;    // as quiet_moment, and nothing is still to come: the runtime ends the process with status 2 next
  virtual void main_returned() = 0; // by goroutine 1, after main's frame is gone; no other goroutine begins to run meanwhile

  // Controlled runs. A new one begins: nothing that was learnt of locks in another one counts. Nothing of the run can go on, or, unless
  // nothing is to come, only what time wakes has gone on for long: findings about those who never can are submitted, and counted.
  virtual void controlled_run_begins() = 0;
  virtual std::size_t controlled_standstill(bool nothing_to_come) = 0;

  // <ravel/race.hpp>
  virtual void annotate_acquire(goroutine_view& g, const void* address) = 0;
  virtual void annotate_release(goroutine_view& g, const void* address) = 0;
  virtual void annotate_release_merge(goroutine_view& g, const void* address) = 0;
  virtual void annotate_read(goroutine_view& g, const void* address, std::size_t n) = 0;
  virtual void annotate_write(goroutine_view& g, const void* address, std::size_t n) = 0;
  virtual void ignore_begin(goroutine_view& g) = 0;
  virtual void ignore_end(goroutine_view& g) = 0;
  virtual std::size_t races_reported() = 0;

  // Calls of the C library on this OS thread are the runtime's own from now on (or no longer): they are no events, and what it
  // allocates and touches is not checked. Returns what held before.
  virtual bool own_use(bool from_now_on) noexcept = 0;

  // False while the detector works on this OS thread: it may have called the C++ library, and that an instrumented function of the
  // program, which must not give way to another goroutine then.
  virtual bool may_switch() noexcept = 0;
  // User code of this thread has come to a safepoint, as its yield request asked. Handlers of signals may run within.
  virtual void at_safepoint() = 0;

 protected:
  ~event_sink() = default;
};

}  // namespace ravel::hooks
