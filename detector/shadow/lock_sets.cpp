#include "detector/shadow/lock_sets.hpp"

#include <atomic>

#include "detector/base/invariant.hpp"
#include "detector/base/reserved_memory.hpp"
#include "detector/base/spin_lock.hpp"
#include "detector/shadow/indexed_pool.hpp"

namespace ravel::detector {

namespace {

constexpr std::size_t most_sets = std::size_t{1} << 30;
constexpr std::uint32_t bucket_bits = 17;
constexpr std::uint8_t unnamed_once = 3;  // in a mark, which is else 0 (free) or the epoch that last saw the set, and `traversed`

constinit reserved_array<held_lock_record> records;
constinit reserved_array<std::uint8_t> marks;
constinit reserved_array<lock_set_id> taken_out;  // the collector's
constinit lock_set_id buckets[1u << bucket_bits]{};  // read without the lock
constinit spin_lock lock;
constinit lock_set_id fresh = 1, first_free = 0;
constinit std::uint32_t taken_out_count = 0;
constinit std::atomic<std::size_t> made{0};

lock_set_id& bucket_of(const held_lock_record& r) {
  std::uint64_t h = reinterpret_cast<std::uintptr_t>(r.lock) * 0x9E3779B97F4A7C15ull ^ std::uint64_t{r.others} * 0xC2B2AE3D27D4EB4Full ^
                    std::uint64_t{r.acquired_at} * 0x165667B19E3779F9ull ^ (std::uint64_t{r.operation} << 1 | r.shared);
  h ^= h >> 32;
  return buckets[h * 0xD6E8FEB86659FD93ull >> (64 - bucket_bits)];
}

std::uint8_t mark_of(lock_set_id id) { return __atomic_load_n(&marks[id], __ATOMIC_RELAXED); }

void keep(lock_set_id id) {
  const std::uint8_t epoch = collection_epoch.load(std::memory_order_relaxed);
  if ((mark_of(id) & 3) != epoch) __atomic_store_n(&marks[id], epoch, __ATOMIC_RELAXED);
}

lock_set_id find(const lock_set_id& bucket, const held_lock_record& r) {
  for (lock_set_id id = __atomic_load_n(&bucket, __ATOMIC_ACQUIRE); id != 0; id = __atomic_load_n(&records[id].next, __ATOMIC_ACQUIRE)) {
    const held_lock_record& k = records[id];
    if (k.lock != r.lock || k.others != r.others || k.acquired_at != r.acquired_at || k.operation != r.operation || k.shared != r.shared) continue;
    keep(id);
    return id;
  }
  return 0;
}

void put_in_locked(lock_set_id& bucket, lock_set_id id) {
  __atomic_store_n(&records[id].next, bucket, __ATOMIC_RELEASE);
  __atomic_store_n(&bucket, id, __ATOMIC_RELEASE);
}

// Whoever stands on it still finds his way on: `next` stays until it is free.
void take_out_locked(lock_set_id id) {
  lock_set_id* at = &bucket_of(records[id]);
  while (*at != id) at = &records[*at].next;
  __atomic_store_n(at, records[id].next, __ATOMIC_RELEASE);
}

}  // namespace

void lock_sets::reserve() {
  records.reserve(most_sets);
  marks.reserve(most_sets);
  taken_out.reserve(most_sets);
}

const held_lock_record& lock_sets::at(lock_set_id id) { return records[id]; }
std::size_t lock_sets::made_in_all() { return made.load(std::memory_order_relaxed); }

lock_set_id lock_sets::with(lock_set_id set, const void* locked_one, bool shared, std::uint8_t operation, stack_id acquired_at) {
  const held_lock_record wanted{locked_one, acquired_at, set, operation, shared, 0};
  lock_set_id& bucket = bucket_of(wanted);
  if (const lock_set_id found = find(bucket, wanted)) return found;
  const locked hold(lock);
  if (const lock_set_id found = find(bucket, wanted)) return found;
  lock_set_id id = first_free;
  if (id != 0) {
    first_free = records[id].next;
  } else {
    RAVEL_INVARIANT(fresh < most_sets);
    id = fresh++;
  }
  records[id] = wanted;
  keep(id);
  put_in_locked(bucket, id);
  made.fetch_add(1, std::memory_order_relaxed);
  return id;
}

lock_set_id lock_sets::without(lock_set_id set, const void* lock) {
  if (set == 0) return 0;
  const held_lock_record& top = at(set);
  if (top.lock == lock) return top.others;
  const lock_set_id rest = without(top.others, lock);
  return rest == top.others ? set : with(rest, top.lock, top.shared, top.operation, top.acquired_at);
}

void lock_sets::mark(lock_set_id id, std::uint8_t epoch) {
  for (; id != 0 && mark_of(id) != (epoch | traversed); id = records[id].others) __atomic_store_n(&marks[id], epoch | traversed, __ATOMIC_RELAXED);
}

void lock_sets::take_out_unmarked(std::uint8_t epoch) {
  lock_set_id end = 0;
  {
    const locked hold(lock);
    end = fresh;
  }
  for (lock_set_id id = 1; id < end; ++id) {
    std::uint8_t seen = mark_of(id);
    if (seen == 0 || (seen & 3) == epoch) continue;
    if (seen != unnamed_once) {
      __atomic_compare_exchange_n(&marks[id], &seen, unnamed_once, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
      continue;
    }
    const locked hold(lock);
    take_out_locked(id);
    taken_out[taken_out_count++] = id;
  }
}

void lock_sets::free_taken_out(std::uint8_t epoch, void (*gone)(lock_set_id id)) {
  while (taken_out_count != 0) {
    const lock_set_id id = taken_out[--taken_out_count];
    const bool found_meanwhile = (mark_of(id) & 3) == epoch;
    if (!found_meanwhile) gone(id);
    const locked hold(lock);
    if (found_meanwhile) {
      put_in_locked(bucket_of(records[id]), id);
      continue;
    }
    __atomic_store_n(&marks[id], 0, __ATOMIC_RELAXED);
    records[id].next = first_free;
    first_free = id;
  }
}

}  // namespace ravel::detector
