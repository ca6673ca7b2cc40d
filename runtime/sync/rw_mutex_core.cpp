#include "runtime/include/ravel/detail/rw_mutex_core.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <new>
#include <utility>

#include "runtime/diag/check.hpp"
#include "runtime/hooks/controlled.hpp"
#include "runtime/sched/fatal.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

namespace {

constexpr std::int64_t flag = std::int64_t{1} << 40;
constexpr int most_shards = 16;                // more would make a writer's turn long
constexpr std::uint32_t crowd = 64, writer_counts = 8;

bool flagged(std::int64_t count) { return count >= flag / 2; }

}  // namespace

struct alignas(64) rw_mutex_core::shard {
  std::atomic<std::int64_t> count{flag};
};
struct rw_mutex_core::shards {
  explicit shards(std::uint32_t n) : mask(n - 1), all(new (std::nothrow) shard[n]) {}
  std::uint32_t mask;
  std::unique_ptr<shard[]> all;
  std::uint32_t size() const { return mask + 1; }
};

void rw_mutex_core::drop_shards() noexcept { delete shards_.load(std::memory_order_relaxed); }

inline rw_mutex_core::shard& rw_mutex_core::own_shard() {
  const shards& s = *shards_.load(std::memory_order_acquire);
  return s.all[static_cast<std::uint32_t>(sched::current_processor()) & s.mask];  // -1, no processor: the last
}

// With `writer` set by this goroutine. How many readers have come by shards and not left.
std::int64_t rw_mutex_core::set_flags_locked() {
  shards* s = shards_.load(std::memory_order_relaxed);
  std::int64_t n = 0;
  for (std::uint32_t i = 0; s != nullptr && i < s->size(); ++i) n += s->all[i].count.fetch_add(flag, std::memory_order_acq_rel);
  return n;
}

std::int64_t rw_mutex_core::clear_flags_locked() {
  shards* s = shards_.load(std::memory_order_relaxed);
  std::int64_t n = 0;
  for (std::uint32_t i = 0; s != nullptr && i < s->size(); ++i) n += s->all[i].count.fetch_sub(flag, std::memory_order_acq_rel) - flag;
  return n + readers(state_.fetch_and(~(writer | queued), std::memory_order_acq_rel));
}

std::int64_t rw_mutex_core::count_flagged() const {
  shards* s = shards_.load(std::memory_order_relaxed);
  std::int64_t n = readers(state_.load(std::memory_order_acquire));
  for (std::uint32_t i = 0; s != nullptr && i < s->size(); ++i) n += s->all[i].count.load(std::memory_order_acquire) - flag;
  return n;
}

void rw_mutex_core::let_go() noexcept {
  let_go_of_waiters(readers_);
  let_go_of_waiters(retriers_);
  let_go_of_waiters(writers_);
}

void rw_mutex_core::lock_slow(const void* object) {
  as_lock(guard_).lock();
  std::uint64_t s = state_.load(std::memory_order_relaxed);
  const auto want = [&] { return (s & writer) != 0 ? s | queued : s | writer; };
  while (!state_.compare_exchange_weak(s, want(), std::memory_order_acquire, std::memory_order_relaxed)) {}
  if ((s & writer) != 0) wait_in(writers_, guard_, hooks::wait_reason::rw_mutex_lock, object);
  else wait_for_readers_locked(readers(s) + set_flags_locked(), object);
}

// The state was zero and `writer` is this goroutine's, the shards' flags are not set yet.
void rw_mutex_core::lock_sharded(const void* object) {
  as_lock(guard_).lock();
  wait_for_readers_locked(set_flags_locked(), object);
}

// Readers that have left and are on their way to make up for a permit: the lock must not be gone before.
std::int64_t rw_mutex_core::take_owed_locked() {
  return permits_ < 0 ? -std::exchange(permits_, 0) : 0;
}

// Releases guard_ and returns as the owner.
void rw_mutex_core::wait_for_readers_locked(std::int64_t before, const void* object) {
  before += take_owed_locked();
  if (before < 0) sched::fatal("sync: RUnlock of unlocked RWMutex");
  if (before != 0) {
    leaving_ = before;
    pending_ = true;
    waiter w;
    w.g = &sched::current();
    push_front(writers_, w);
    const leaves_list at_the_end(writers_, w);
    sched::park(unlock_short, &guard_, hooks::wait_reason::rw_mutex_lock, object);
  } else {
    as_lock(guard_).unlock();
  }
}

void rw_mutex_core::left_while_flagged() {
  wait_list woken;
  as_lock(guard_).lock();
  if (!pending_) {
    give_permits_locked(1, woken);
  } else if (--leaving_ == 0) {
    pending_ = false;
    if (waiter* w = pop_front(writers_); w != nullptr) push_back(woken, *w);
    else RAVEL_CHECK(hooks::being_unwound());  // the writer has left the list, since its run is over
  }
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(woken)) sched::ready(*w->g);
}

// So many: some are in the queue, the others on their way to it.
void rw_mutex_core::give_permits_locked(std::int64_t more, wait_list& woken) {
  permits_ += more;
  for (; permits_ > 0 && readers_.first != nullptr; --permits_) push_back(woken, *pop_front(readers_));
}

// No writer is left. So many readers hold the lock.
void rw_mutex_core::let_go_locked(std::int64_t present, wait_list& woken) {
  give_permits_locked(clear_flags_locked() - present, woken);
  while (waiter* r = pop_front(retriers_)) push_back(woken, *r);
}

void rw_mutex_core::unlock_slow(std::uint64_t s) {
  std::unique_ptr<shards> fresh;
  if (!hooks::enabled && !sharded() && crowded_.load(std::memory_order_relaxed) >= crowd) {
    fresh.reset(new (std::nothrow) shards(std::bit_ceil(static_cast<std::uint32_t>(std::min(sched::processors(), most_shards)))));
  }
  wait_list woken;
  as_lock(guard_).lock();
  if ((s & writer) == 0 || !is_locked() || pending_) sched::fatal("sync: Unlock of unlocked RWMutex");
  if (fresh != nullptr && fresh->all != nullptr) shards_.store(fresh.release(), std::memory_order_release);  // its flags are set
  if (const std::uint32_t n = crowded_.load(std::memory_order_relaxed); n != 0) {
    crowded_.store(n - std::min(n, writer_counts), std::memory_order_relaxed);
  }
  if (waiter* next = writers_.first; next != nullptr) {
    // `writer` and the flags stay, for the next. The readers go before it.
    if (next == writers_.last) state_.fetch_and(~queued, std::memory_order_relaxed);
    std::uint32_t retriers = 0;
    for (; waiter* r = pop_front(retriers_); ++retriers) {
      r->moved = true;
      push_back(woken, *r);
    }
    state_.fetch_add(retriers, std::memory_order_relaxed);
    if (const std::int64_t waiting = count_flagged(); waiting != 0) {
      leaving_ = waiting;
      pending_ = true;
      give_permits_locked(waiting - retriers, woken);
    } else {
      push_back(woken, *pop_front(writers_));
    }
  } else {
    let_go_locked(0, woken);
  }
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(woken)) sched::ready(*w->g);
}

bool rw_mutex_core::try_lock_sharded() {
  std::uint64_t s = state_.load(std::memory_order_relaxed);
  if ((s & writer) != 0) return false;
  if (!replace_in(state_, s, s | writer, std::memory_order_acquire)) return false;
  return try_lock_shards(readers(s));
}

// With `writer` set, when the state counted so many.
bool rw_mutex_core::try_lock_shards(std::uint32_t counted) {
  wait_list woken;
  as_lock(guard_).lock();
  const std::int64_t before = counted + set_flags_locked() + take_owed_locked();
  if (before != 0 && writers_.first != nullptr) {  // one that came meanwhile waits for the readers instead
    if (writers_.first == writers_.last) state_.fetch_and(~queued, std::memory_order_relaxed);
    leaving_ = before;
    pending_ = true;
  } else if (before != 0) {
    let_go_locked(before, woken);
  }
  as_lock(guard_).unlock();
  while (waiter* w = pop_front(woken)) sched::ready(*w->g);
  return before == 0;
}

void rw_mutex_core::lock_shared_among_others(std::uint64_t before, const void* object) {
  if (before >= writer) {
    wait_for_permit(object);
  } else if (sched::somebody_runs_beside()) {
    crowded_.store(crowded_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
}

void rw_mutex_core::lock_shared_sharded(const void* object) {
  if (flagged(own_shard().count.fetch_add(1, std::memory_order_acquire))) wait_for_permit(object);
}

bool rw_mutex_core::try_lock_shared_sharded() {
  std::atomic<std::int64_t>& count = own_shard().count;
  std::int64_t n = count.load(std::memory_order_relaxed);
  while (!flagged(n)) {
    if (count.compare_exchange_weak(n, n + 1, std::memory_order_acquire, std::memory_order_relaxed)) return true;
  }
  return false;
}

void rw_mutex_core::wait_for_permit(const void* object) {
  if (take_permit_or_retry(object)) return;
  // Tried again, and now it stands in the queue like a reader of Go's.
  const bool again = sharded() ? flagged(own_shard().count.fetch_add(1, std::memory_order_acquire))
                               : state_.fetch_add(1, std::memory_order_acquire) >= writer;
  if (!again) return;
  as_lock(guard_).lock();
  if (!take_permit_locked()) wait_in(readers_, guard_, hooks::wait_reason::rw_mutex_rlock, object);
  else as_lock(guard_).unlock();
}

bool rw_mutex_core::take_permit_locked() {
  if (permits_ <= 0) return false;
  --permits_;
  return true;
}

// A counted reader found the flag. True: it has the lock; false: it is no longer counted and may try again.
bool rw_mutex_core::take_permit_or_retry(const void* object) {
  as_lock(guard_).lock();
  if (take_permit_locked()) {
    as_lock(guard_).unlock();
    return true;
  }
  waiter w;
  w.g = &sched::current();
  if (!is_locked()) {  // who makes up for its permit is on the way
    w.moved = true;
    push_back(readers_, w);
  } else {
    state_.fetch_or(queued, std::memory_order_relaxed);  // while it counts: the writer cannot go without guard_ then
    if (sharded()) own_shard().count.fetch_sub(1, std::memory_order_relaxed);
    else state_.fetch_sub(1, std::memory_order_relaxed);
    push_back(retriers_, w);
  }
  const leaves_list at_the_end(w.moved ? readers_ : retriers_, w);
  sched::park(unlock_short, &guard_, hooks::wait_reason::rw_mutex_rlock, object);
  return w.moved;
}

void rw_mutex_core::unlock_shared_sharded() {
  if (flagged(own_shard().count.fetch_sub(1, std::memory_order_release))) left_while_flagged();
}

void rw_mutex_core::unlock_shared_slow(std::uint64_t left) {
  if (readers(left + 1) == 0) sched::fatal("sync: RUnlock of unlocked RWMutex");
  left_while_flagged();
}

}  // namespace detail
} }
