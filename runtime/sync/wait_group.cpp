// Invariants: a goroutine in wait is counted in the lower half from before it may park until it returns. The counter comes to zero in one
// instruction, which says how many there are; the one who did it lets them all go in one critical section, its last touch: the first to
// return may destroy the group.

#include "runtime/hooks/order.hpp"
#include "runtime/include/ravel/error.hpp"
#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

using namespace detail;

namespace {
std::int32_t counter_of(std::uint64_t s) { return static_cast<std::int32_t>(s >> 32); }
std::uint32_t waiting_of(std::uint64_t s) { return static_cast<std::uint32_t>(s); }
}  // namespace

wait_group::~wait_group() {
#if RAVEL_RACE
  // Those in wait count until they return; whoever wakes them has made its last touch by then, and the first to return may destroy the group.
  if (counter_of(state_.load(std::memory_order_acquire)) != 0 && !hooks::being_unwound()) {
    hooks::sink().destroyed_in_use(sched::current(), this, hooks::event_sink::used_object::wait_group);
  }
#endif
  hooks::destroyed(as_object(clock_));
#if RAVEL_RACE
  hooks::sink().marker_destroyed(reuse_marker_);
#endif
}

void wait_group::add_slow(long n) {
  if (n < 0) RAVEL_POINT(group_done, adds, this);
  else RAVEL_POINT(group_add, adds, this);
  if constexpr (hooks::enabled) {
    if (n < 0) hooks::sink().release_merge(sched::current(), as_object(clock_), hooks::operation::wait_group_done);
  }
  hooks::took(n < 0 ? hooks::op::group_done : hooks::op::group_add, this);
  const std::uint64_t before = state_.fetch_add(static_cast<std::uint64_t>(n) << 32, std::memory_order_acq_rel);
  hooks::changed(this);
  added(n, before);
}

void wait_group::added(long n, std::uint64_t before) {
  const std::int64_t now = static_cast<std::int64_t>(counter_of(before)) + n;
  const char* misuse = nullptr;
  if (now < 0) misuse = "sync: negative WaitGroup counter";
  else if (now > INT32_MAX) misuse = "sync: WaitGroup counter overflow";
  else if (n > 0 && counter_of(before) == 0 && waiting_of(before) != 0) misuse = "sync: WaitGroup is reused before previous Wait has returned";
  if (misuse != nullptr) {
    state_.fetch_sub(static_cast<std::uint64_t>(n) << 32, std::memory_order_relaxed);
    throw panic_error(misuse);
  }
#if RAVEL_RACE
  if (n > 0 && counter_of(before) == 0) {
    if (hooks::maybe_controlled()) reuse_marker_[0] = 0;  // of the waits to come none has been told yet
    hooks::sink().marker_read(sched::current(), reuse_marker_, hooks::marker::wait_group_reuse);
  }
#endif
  if (now != 0 || n >= 0 || waiting_of(before) == 0) return;

  wait_list woken;
  std::uint32_t still_to_park = waiting_of(before);
  as_lock(guard_).lock();
  std::swap(woken, waiters_);
  for (waiter* w = woken.first; w != nullptr; w = w->next) --still_to_park;
  releases_ += still_to_park;
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(woken)) sched::ready(*w->g);
}

void wait_group::wait_slow() {
  RAVEL_POINT_WHEN(group_wait, reads, this, wait_group_wait,
                   [](const void* g) { return counter_of(static_cast<const wait_group*>(g)->state_.load(std::memory_order_acquire)) == 0; });
#if RAVEL_RACE
  // In a controlled run who would have to wait is held back before the point, and need not park then. The first one's byte says it was told.
  if (hooks::maybe_controlled() && hooks::was_held_back() && reuse_marker_[0] == 0) {
    reuse_marker_[0] = 1;
    hooks::sink().marker_write(sched::current(), reuse_marker_, hooks::marker::wait_group_reuse);
  }
#endif
  std::uint64_t s = state_.load(std::memory_order_acquire);
  while (counter_of(s) != 0) {
    if (!replace_in(state_, s, s + 1, std::memory_order_acquire)) continue;
#if RAVEL_RACE
    if (waiting_of(s) == 0) hooks::sink().marker_write(sched::current(), reuse_marker_, hooks::marker::wait_group_reuse);
#endif
    as_lock(guard_).lock();
    if (releases_ != 0) {
      --releases_;
      as_lock(guard_).unlock();
    } else {
      wait_in(waiters_, guard_, hooks::wait_reason::wait_group_wait, this);
    }
    add_to(state_, std::uint64_t{0} - 1, std::memory_order_acq_rel);
    break;
  }
  hooks::took(hooks::op::group_wait, this);
  if constexpr (hooks::enabled) hooks::sink().acquire(sched::current(), as_object(clock_), hooks::operation::wait_group_wait);
}

} }
