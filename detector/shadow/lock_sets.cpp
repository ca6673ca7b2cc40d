#include "detector/shadow/lock_sets.hpp"

#include <atomic>

#include "detector/shadow/hash_index.hpp"

namespace ravel::detector {

namespace {
constexpr std::size_t most_sets = std::size_t{1} << 30;
constinit reserved_array<held_lock_record> records;
constinit std::atomic<lock_set_id> next{1};
constinit hash_index index;
}  // namespace

void lock_sets::reserve() { records.reserve(most_sets); }

const held_lock_record& lock_sets::at(lock_set_id id) { return records[id]; }

lock_set_id lock_sets::with(lock_set_id set, const void* lock, bool shared, std::uint8_t operation, stack_id acquired_at) {
  const std::uint64_t key = reinterpret_cast<std::uintptr_t>(lock) * 0x9E3779B97F4A7C15ull ^ std::uint64_t{set} * 0xC2B2AE3D27D4EB4Full ^
                            std::uint64_t{acquired_at} * 0x165667B19E3779F9ull ^ (std::uint64_t{operation} << 1 | shared);
  return index.find_or_make(key, [&] {
    const lock_set_id id = next.fetch_add(1, std::memory_order_relaxed);
    RAVEL_INVARIANT(id < most_sets);
    records[id] = {lock, acquired_at, set, operation, shared};
    return id;
  });
}

lock_set_id lock_sets::without(lock_set_id set, const void* lock) {
  if (set == 0) return 0;
  const held_lock_record& top = at(set);
  if (top.lock == lock) return top.others;
  const lock_set_id rest = without(top.others, lock);
  return rest == top.others ? set : with(rest, top.lock, top.shared, top.operation, top.acquired_at);
}

}  // namespace ravel::detector
