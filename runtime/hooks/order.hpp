#pragma once
// The order of operations: told while a program runs in parallel, so that it can be written down, and while a controlled run follows what was
// written. Both see the same calls from the same places, so an operation is known by its goroutine and by how many that has done before.
//
// Each call comes at the moment that decides: under the lock of what is operated on, or while the lock that is meant is held. Operations on
// one object are therefore told one after the other, in their real order, but for those that come to nothing (a try, a look).

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "controlled.hpp"

namespace ravel::hooks {

// What a timer is known by: the goroutine that started it and how many operations that had done.
struct timer_name {
  std::uint64_t goroutine = 0;  // 0: nobody keeps the order
  std::uint64_t operation = 0;
};

class order_keeper {
 public:
  // Loads of atomics that read what their goroutine has read there before, with no change since, are not told while a program runs in parallel,
  // only counted: same_looks. In a controlled run each load is told.

  virtual void main_begins() = 0;                                             // what came before it is not told of
  // The goroutine that runs on this thread has done this, with that outcome (below 200), or is in the queue of those who wait for it.
  virtual void took(op what, std::uint32_t outcome, const void* const* objects, std::size_t count) = 0;
  // The same on objects with a number each, which is the keeper's and nobody else's, and covered by the lock that is held: cheaper.
  struct owned {
    const void* object;
    std::uint64_t* last;
  };
  virtual void took(op what, std::uint32_t outcome, const owned* objects, std::size_t count) = 0;
  // The same in two parts, for a lock that others wait for: under it place_in_order; this when it is free again, before anything else of the
  // goroutine's.
  virtual void took_at(std::uint64_t place, op what, std::uint32_t outcome) = 0;
  // Under the lock: a load of an atomic has read `value` there. True: it is one that was only counted, and is not told; then the value is now
  // the one that its goroutine had read there before, whatever others have done since.
  virtual bool is_counted_look(const void*, std::uint32_t, std::uint64_t&) { return false; }
  virtual void started_timer(const void* timer, timer_name& name) = 0;        // after timer_use on it
  virtual void fired(const timer_name& timer, const owned* channel) = 0;      // by no goroutine; channel: null for functions
  virtual void created(goroutine_view* parent, goroutine_view& child, bool by_timer) = 0;
  virtual void resumed(goroutine_view& g) = 0;                                // on this thread
  virtual void suspended() = 0;                                               // whoever ran on this thread
  virtual void main_returned() = 0;
  // The outcome to be had by what the running goroutine is about to do; `any` where nothing is known of it.
  virtual std::uint32_t wanted(op what) = 0;
  virtual void settles(std::uint32_t) {}                                      // how the next choice among ready cases comes to that
  static constexpr std::uint32_t any = 0xFFFFFFFF;

 protected:
  ~order_keeper() = default;
};

namespace detail {
extern std::atomic<order_keeper*> keeps_order;  // null: nobody
extern __thread std::uint64_t same_looks __attribute__((tls_model("initial-exec")));  // on this thread, since they were told last
extern __thread std::uint64_t least_place __attribute__((tls_model("initial-exec")));  // of what is done on it, as the keeper wants it
}

inline order_keeper* keeps_order() noexcept {
  if constexpr (!enabled) return nullptr;
  else return detail::keeps_order.load(std::memory_order_relaxed);
}

#if RAVEL_RACE
// Under the lock that covers `last`: after all that was done there, and by this goroutine.
inline std::uint64_t place_in_order(const goroutine_view& g, std::uint64_t& last) {
  const std::uint64_t least = g.order_time < detail::least_place ? detail::least_place : g.order_time;
  return last = (last < least ? least : last) + 1;
}
#endif

inline void took(op what, const void* object, std::uint32_t outcome = 0) {
  if (order_keeper* k = keeps_order()) [[unlikely]] k->took(what, outcome, &object, 1);
}

inline void took(op what, const order_keeper::owned& object, std::uint32_t outcome = 0) {
  if (order_keeper* k = keeps_order()) [[unlikely]] k->took(what, outcome, &object, 1);
}

// Of no object: of a goroutine that spawns; a try that came to nothing, which is in no order with what others did meanwhile, and is made to come
// to nothing again.
inline void took_alone(op what) {
  if (order_keeper* k = keeps_order()) [[unlikely]] k->took(what, 0, static_cast<const void* const*>(nullptr), 0);
}

inline bool is_to_fail(op what) {
  order_keeper* k = keeps_order();
  return k != nullptr && k->wanted(what) == 0;
}

// A look without a lock would not be told in the order of what others do.
inline bool looks_need_locks() noexcept { return keeps_order() != nullptr; }

}  // namespace ravel::hooks
