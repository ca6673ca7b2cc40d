#pragma once
// Goroutines blocked on one object, and the object's lock. Shared by channels and sync.

#include "runtime/hooks/controlled.hpp"
#include "runtime/hooks/hooks.hpp"
#include "runtime/hooks/order.hpp"
#include "runtime/include/ravel/detail/wait_list.hpp"
#include "runtime/sched/scheduler.hpp"
#include "runtime/sched/spin_lock.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

struct chan_core;

// One goroutine in one queue. Lives on the goroutine's stack; owned by the queue until it is taken out.
struct waiter {
  sched::goroutine* g = nullptr;
  waiter* previous = nullptr;
  waiter* next = nullptr;
  void* element = nullptr;       // channels: what to send, or where to receive
  bool moved = false;            // result for the woken: an element was moved
  bool queued = false;
  // select: the first case that fires claims this; null: not in a select.
  std::atomic<int>* claimed = nullptr;
  int index = 0;
};

// Whether the list is empty may also be asked without the lock.
inline void set_first(wait_list& l, waiter* w) { __atomic_store_n(&l.first, w, __ATOMIC_RELAXED); }
inline bool nobody_waits(const wait_list& l) { return __atomic_load_n(&l.first, __ATOMIC_ACQUIRE) == nullptr; }

inline void push_back(wait_list& l, waiter& w) {
  w.previous = l.last;
  w.next = nullptr;
  if (l.last != nullptr) l.last->next = &w;
  else set_first(l, &w);
  l.last = &w;
  w.queued = true;
}
inline void push_front(wait_list& l, waiter& w) {
  w.previous = nullptr;
  w.next = l.first;
  (l.first != nullptr ? l.first->previous : l.last) = &w;
  set_first(l, &w);
  w.queued = true;
}
inline void remove(wait_list& l, waiter& w) {
  if (!w.queued) return;
  if (w.previous != nullptr) w.previous->next = w.next;
  else set_first(l, w.next);
  (w.next != nullptr ? w.next->previous : l.last) = w.previous;
  w.queued = false;
}
// The first waiter that is still to be had: a select that another case has already decided is passed over.
inline waiter* pop_front(wait_list& l) {
  while (waiter* w = l.first) {
    remove(l, *w);
    int none = -1;
    if (w->claimed == nullptr || replace_in(*w->claimed, none, w->index, std::memory_order_acq_rel)) return w;
  }
  return nullptr;
}

// The lock of an object of ours: held for tens of instructions.
inline sched::spin_lock& as_lock(short_lock& l) {
  static_assert(sizeof(sched::spin_lock) == sizeof(short_lock));
  return reinterpret_cast<sched::spin_lock&>(l);
}
inline void unlock_short(void* l) { as_lock(*static_cast<short_lock*>(l)).unlock(); }

#if RAVEL_RACE
inline hooks::sync_object& as_object(clock_storage& c) { return reinterpret_cast<hooks::sync_object&>(c); }
inline hooks::order_keeper::owned in_order(const void* object, order_storage& s) { return {object, &s.last}; }
#else
inline hooks::sync_object& as_object(clock_storage&) { static hooks::sync_object none; return none; }
inline hooks::order_keeper::owned in_order(const void* object, order_storage&) { return {object, nullptr}; }
#endif

// Ends with the wait. Where an exception ends it, because a controlled run is over, the waiter leaves the list.
class leaves_list {
 public:
  leaves_list(wait_list& l, waiter& w) : list_(l), waiter_(w) {}
  ~leaves_list() {
    if constexpr (hooks::enabled) remove(list_, waiter_);
  }
  leaves_list(const leaves_list&) = delete;
  leaves_list& operator=(const leaves_list&) = delete;

 private:
  wait_list& list_;
  waiter& waiter_;
};

// The object goes away while goroutines of a controlled run wait for it, which only its end can have left there.
inline void let_go_of_waiters(wait_list& l) {
  if (!hooks::maybe_controlled()) return;
  while (waiter* w = l.first) remove(l, *w);
}

// Waits in `l` until somebody takes the waiter out and makes its goroutine ready. `guard` is held on entry and not on return.
inline void wait_in(wait_list& l, short_lock& guard, hooks::wait_reason reason, const void* object) {
  waiter w;
  w.g = &sched::current();
  push_back(l, w);
  const leaves_list at_the_end(l, w);
  sched::park(unlock_short, &guard, reason, object);
}

}  // namespace detail
} }
