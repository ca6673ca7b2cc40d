// Invariants: `mine` and `empty` of a shard are touched only by the goroutine that runs on the shard's processor, and nothing in between
// parks; other shards' lists are for all, under their guard.

#include "runtime/include/ravel/sync.hpp"
#include "runtime/sched/wait_queue.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace detail {

namespace {

void push(pool_box*& first, pool_box* box) {
  box->next = first;
  __atomic_store_n(&first, box, __ATOMIC_RELAXED);
}
pool_box* pop(pool_box*& first, short_lock& guard) {
  if (__atomic_load_n(&first, __ATOMIC_RELAXED) == nullptr) return nullptr;
  as_lock(guard).lock();
  pool_box* box = first;
  if (box != nullptr) __atomic_store_n(&first, box->next, __ATOMIC_RELAXED);
  as_lock(guard).unlock();
  return box;
}

}  // namespace

struct alignas(64) pool_core::shard {
  pool_box* mine = nullptr;
  pool_box* empty = nullptr;
  short_lock guard;
  pool_box* first = nullptr;
};

pool_core::~pool_core() { delete[] shards_.load(std::memory_order_relaxed); }

// Null: no processor, or one that was added later.
pool_core::shard* pool_core::own_shard() {
  if constexpr (hooks::enabled) return nullptr;
  const int i = sched::current_processor();
  if (i < 0) return nullptr;
  shard* all = shards_.load(std::memory_order_acquire);
  if (all == nullptr) {
    as_lock(guard_).lock();
    all = shards_.load(std::memory_order_relaxed);
    if (all == nullptr) {
      const int n = sched::processors();
      all = new (std::nothrow) shard[static_cast<std::size_t>(n)];
      count_.store(all != nullptr ? n : 0, std::memory_order_relaxed);
      shards_.store(all, std::memory_order_release);
    }
    as_lock(guard_).unlock();
  }
  return i < count_.load(std::memory_order_relaxed) ? &all[i] : nullptr;
}

void pool_core::put(pool_box* box) {
  if constexpr (hooks::enabled) hooks::sink().release(sched::current(), as_object(box->clock), hooks::operation::pool_put);
  shard* own = own_shard();
  if (own != nullptr && own->mine == nullptr) {
    own->mine = box;
    return;
  }
  short_lock& guard = own != nullptr ? own->guard : guard_;
  as_lock(guard).lock();
  push(own != nullptr ? own->first : first_, box);
  as_lock(guard).unlock();
}

pool_box* pool_core::get() {
  shard* own = own_shard();
  pool_box* box = nullptr;
  if (own != nullptr) {
    box = own->mine;
    if (box != nullptr) {
      own->mine = nullptr;
      return box;
    }
    box = pop(own->first, own->guard);
  }
  if (box == nullptr) box = pop(first_, guard_);
  if (shard* all = shards_.load(std::memory_order_acquire); all != nullptr) {
    for (int i = 0; box == nullptr && i < count_.load(std::memory_order_relaxed); ++i) box = pop(all[i].first, all[i].guard);
  }
  if constexpr (hooks::enabled) {
    if (box != nullptr) hooks::sink().acquire(sched::current(), as_object(box->clock), hooks::operation::pool_get);
  }
  return box;
}

pool_box* pool_core::get_empty() {
  shard* own = own_shard();
  return own != nullptr ? std::exchange(own->empty, nullptr) : nullptr;
}

bool pool_core::keep_empty(pool_box* box) {
  shard* own = own_shard();
  if (own == nullptr || own->empty != nullptr) return false;
  own->empty = box;
  return true;
}

pool_box* pool_core::drain() {
  shard* all = shards_.load(std::memory_order_acquire);
  for (int i = 0; i < count_.load(std::memory_order_relaxed); ++i) {
    if (pool_box* box = std::exchange(all[i].mine, nullptr)) return box;
  }
  return get();
}

pool_box* pool_core::drain_empty() {
  shard* all = shards_.load(std::memory_order_acquire);
  for (int i = 0; i < count_.load(std::memory_order_relaxed); ++i) {
    if (pool_box* box = std::exchange(all[i].empty, nullptr)) return box;
  }
  return nullptr;
}

void pool_core::release(pool_box& box) { hooks::destroyed(as_object(box.clock)); }

}  // namespace detail
} }
