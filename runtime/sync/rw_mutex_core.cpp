#include "runtime/include/ravel/detail/rw_mutex_core.hpp"

#include "runtime/sched/fatal.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

void rw_mutex_core::let_go() noexcept {
  let_go_of_waiters(readers_);
  let_go_of_waiters(writers_);
}

// Under guard_, with `writing` set for the one that is taken out.
waiter* rw_mutex_core::next_writer() {
  waiter* w = pop_front(writers_);
  if (writers_.first == nullptr && readers_.first == nullptr) state_.fetch_and(~waiting, std::memory_order_relaxed);
  return w;
}

void rw_mutex_core::lock_slow(const void* object) {
  as_lock(guard_).lock();
  std::uint64_t s = state_.load(std::memory_order_relaxed);
  for (;;) {
    if (s == 0) {
      if (!state_.compare_exchange_weak(s, writing, std::memory_order_acquire, std::memory_order_relaxed)) continue;
      as_lock(guard_).unlock();
      return;
    }
    if (state_.compare_exchange_weak(s, s | waiting, std::memory_order_relaxed, std::memory_order_relaxed)) break;
  }
  wait_in(writers_, guard_, hooks::wait_reason::rw_mutex_lock, object);
  state_.load(std::memory_order_acquire);
}

void rw_mutex_core::unlock_slow(std::uint64_t s) {
  if ((s & writing) == 0) sched::fatal("sync: Unlock of unlocked RWMutex");
  wait_list let_in;
  as_lock(guard_).lock();
  if (readers_.first != nullptr) {
    std::uint64_t change = 0;
    while (waiter* r = pop_front(readers_)) {
      ++change;
      push_back(let_in, *r);
    }
    if (writers_.first == nullptr) change -= waiting;
    state_.fetch_add(change - writing, std::memory_order_release);
  } else if (writers_.first != nullptr) {
    push_back(let_in, *next_writer());  // `writing` stays
  } else {
    state_.fetch_sub(writing, std::memory_order_release);  // only readers on their way into the queue: they need not go there
  }
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(let_in)) sched::ready(*w->g);
}

// This goroutine is counted among the readers already.
void rw_mutex_core::lock_shared_slow(const void* object) {
  as_lock(guard_).lock();
  std::uint64_t s = state_.load(std::memory_order_acquire);
  if ((s & (writing | waiting)) == 0) {
    as_lock(guard_).unlock();
    return;
  }
  waiter* writer = nullptr;
  for (;;) {
    const bool last = (s & writing) == 0 && readers(s) == 1;  // the others left meanwhile, thinking of this one as a reader
    if (!state_.compare_exchange_weak(s, (s - 1) | waiting | (last ? writing : 0), std::memory_order_acquire, std::memory_order_acquire)) continue;
    if (last) writer = pop_front(writers_);
    break;
  }
  if (writer != nullptr) sched::ready(*writer->g);  // it finds guard_ taken until this goroutine is parked
  wait_in(readers_, guard_, hooks::wait_reason::rw_mutex_rlock, object);
  state_.load(std::memory_order_acquire);
}

void rw_mutex_core::unlock_shared_slow(std::uint64_t s) {
  for (;;) {
    if ((s & writing) != 0 || readers(s) == 0) sched::fatal("sync: RUnlock of unlocked RWMutex");
    const bool hand_over = (s & waiting) != 0 && readers(s) == 1;
    if (!state_.compare_exchange_weak(s, (s - 1) | (hand_over ? writing : 0), std::memory_order_acq_rel, std::memory_order_relaxed)) continue;
    if (!hand_over) return;
    break;
  }
  as_lock(guard_).lock();
  waiter* w = next_writer();
  as_lock(guard_).unlock();
  sched::ready(*w->g);
}

}  // namespace detail
} }
