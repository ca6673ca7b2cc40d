#pragma once
// The lock inside rw_mutex, without the race detector's events. After Go sync/rwmutex.go, with the readers' count split once they crowd.
//
// The state counts readers in its lower half, those that hold the lock and those that wait alike; above it `writer`, a writer holds the lock
// or is pending, which means that it waits for the readers who came before it, and `queued`, others wait who are not counted, which implies
// `writer`.
// When readers on several processors meet again and again, with few writers between, the lock gets shards, a count for each processor with a
// flag that follows `writer`; the state's count is then one more of them. A reader may leave by another count than it came by; counts are
// meant as their sum.
//
// Invariants: a reader that finds the flag when it counts itself is counted off again and waits to be woken for a second try; the second
// time it waits counted, for a permit. A writer's unlock gives permits to as many as are counted then; permits are all alike. (Go gives them
// all at once. But a reader with a permit holds the lock before it runs: the next writer waits for it, others for that writer, and a crowd
// that has parked once parks for ever.) Who finds another writer next lets all readers in.
// Flags are set and cleared under guard_, but for `writer` alone on a lock without shards that nobody else uses. A reader that finds the
// flag when it leaves goes on under guard_: a writer is pending and it takes one off `leaving_`, what that writer still waits for, and hands
// the lock over at zero; or the flags were just being cleared, so that a permit too few was given, which it makes up for. Shards are made
// by a writer that owns the lock. `queued` is set while writers or retriers wait on a lock without shards.
// Nobody touches the lock once it may be gone: whoever does more than one instruction when it leaves, leaves somebody who waits for it.

#include <atomic>
#include <cstdint>

#include "alone.hpp"
#include "wait_list.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

class rw_mutex_core {
 public:
  rw_mutex_core() = default;
  ~rw_mutex_core() {
    if (shards_.load(std::memory_order_relaxed) != nullptr) drop_shards();
  }

  void lock(const void* object) {
    std::uint64_t free = 0;
    if (!replace_in(state_, free, writer, std::memory_order_acquire)) lock_slow(object);
    else if (sharded()) lock_sharded(object);
  }
  bool try_lock() {
    std::uint64_t free = 0;
    if (sharded()) return try_lock_sharded();
    if (!replace_in(state_, free, writer, std::memory_order_acquire)) return false;
    return !sharded() || try_lock_shards(0);
  }
  void unlock() {
    std::uint64_t s = writer;
    if (sharded() || !replace_in(state_, s, 0, std::memory_order_release)) unlock_slow(s);
  }
  void lock_shared(const void* object) {
    if (sharded()) return lock_shared_sharded(object);
    const std::uint64_t before = add_to(state_, 1, std::memory_order_acquire);
    if (before != 0) lock_shared_among_others(before, object);
  }
  bool try_lock_shared() {
    if (sharded()) return try_lock_shared_sharded();
    std::uint64_t s = state_.load(std::memory_order_relaxed);
    while (s < writer) {
      if (replace_in(state_, s, s + 1, std::memory_order_acquire)) return true;
    }
    return false;
  }
  void unlock_shared() {
    if (sharded()) return unlock_shared_sharded();
    const std::uint64_t left = add_to(state_, std::uint64_t{0} - 1, std::memory_order_release) - 1;
    if (left >= writer) unlock_shared_slow(left);
  }
  void let_go() noexcept;  // of those that wait, when it is destroyed
  bool is_locked() const { return (state_.load(std::memory_order_relaxed) & writer) != 0; }
  bool is_locked_shared() const { return readers(state_.load(std::memory_order_relaxed)) != 0; }  // of a lock without shards

 private:
  static constexpr std::uint64_t writer = std::uint64_t{1} << 32, queued = std::uint64_t{1} << 33;
  static std::uint32_t readers(std::uint64_t s) { return static_cast<std::uint32_t>(s); }
  struct shard;
  struct shards;

  bool sharded() const { return shards_.load(std::memory_order_acquire) != nullptr; }
  void lock_slow(const void* object);
  void lock_sharded(const void* object);
  bool try_lock_sharded();
  bool try_lock_shards(std::uint32_t counted);
  void wait_for_readers_locked(std::int64_t before, const void* object);
  void unlock_slow(std::uint64_t s);
  void lock_shared_among_others(std::uint64_t before, const void* object);
  void lock_shared_sharded(const void* object);
  void wait_for_permit(const void* object);
  bool take_permit_or_retry(const void* object);
  bool take_permit_locked();
  bool try_lock_shared_sharded();
  void unlock_shared_sharded();
  void unlock_shared_slow(std::uint64_t left);
  void left_while_flagged();
  std::int64_t take_owed_locked();
  std::int64_t set_flags_locked();
  std::int64_t clear_flags_locked();
  std::int64_t count_flagged() const;
  void give_permits_locked(std::int64_t more, wait_list& woken);
  void let_go_locked(std::int64_t present, wait_list& woken);
  shard& own_shard();
  void drop_shards() noexcept;

  std::atomic<std::uint64_t> state_{0};
  std::atomic<shards*> shards_{nullptr};      // set once, under guard_
  std::atomic<std::uint32_t> crowded_{0};     // about how often readers met, less what writers count for
  short_lock guard_;                          // guards the rest
  std::int64_t leaving_ = 0;
  std::int64_t permits_ = 0;                  // readers that may go on without parking; negative: some leave who will make up for it
  bool pending_ = false;                      // a writer waits for `leaving_`; it is the first of writers_
  wait_list writers_, readers_;               // counted
  wait_list retriers_;                        // readers not counted, at their first wait
};

}  // namespace detail
RAVEL_NAMESPACE_END
