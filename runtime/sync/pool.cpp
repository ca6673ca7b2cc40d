// Invariants: only the goroutine that runs on the shard's processor takes `mine` from empty or full to busy, and nothing in between parks;
// whoever made it busy ends that, wherever it runs then. Lists are for all, under their guard.

#include "runtime/hooks/order.hpp"
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
  if (!hooks::looks_need_locks() && __atomic_load_n(&first, __ATOMIC_RELAXED) == nullptr) return nullptr;
  as_lock(guard).lock();
  pool_box* box = first;
  hooks::took(hooks::op::pool_use, &first, box != nullptr);
  if (box != nullptr) __atomic_store_n(&first, box->next, __ATOMIC_RELAXED);
  as_lock(guard).unlock();
  return box;
}

}  // namespace

struct alignas(64) pool_core::shard {
  pool_box* mine = nullptr;
  short_lock guard;
  pool_box* first = nullptr;
};
// Alone on its cache lines, as the shards and the boxes: what one processor writes there lies beside nothing that another reads.
struct alignas(64) pool_core::shards {
  int count;
  shard* all;
};

pool_core::~pool_core() {
  shards* s = shards_.load(std::memory_order_relaxed);
  if (s == nullptr) return;
  delete[] s->all;
  delete s;
}

[[gnu::noinline]] pool_core::shards* pool_core::make_shards() {
  as_lock(guard_).lock();
  shards* s = shards_.load(std::memory_order_relaxed);
  if (s == nullptr) {
    const int n = sched::processors();
    s = new (std::nothrow) shards{n, new (std::nothrow) shard[static_cast<std::size_t>(n)]};
    if (s != nullptr && s->all == nullptr) s->count = 0;
    shards_.store(s, std::memory_order_release);
  }
  as_lock(guard_).unlock();
  return s;
}

// Null: no processor, or one that was added later.
inline pool_core::shard* pool_core::own_shard() {
  if constexpr (hooks::enabled) return nullptr;
  const int i = sched::current_processor();
  if (i < 0) return nullptr;
  shards* s = shards_.load(std::memory_order_acquire);
  if (s == nullptr) [[unlikely]] s = make_shards();
  return s != nullptr && i < s->count ? &s->all[i] : nullptr;
}

void pool_core::put(pool_box* box) {
  RAVEL_POINT(pool_use, writes, this);
  if constexpr (hooks::enabled) hooks::sink().release(sched::current(), as_object(box->clock), hooks::operation::pool_put);
  shard* own = own_shard();
  box->state.store(pool_box::full, std::memory_order_relaxed);
  if (own != nullptr && own->mine == nullptr) {
    box->resident = true;
    own->mine = box;
  } else {
    put_into_list(own, box);
  }
}

[[gnu::noinline]] void pool_core::put_into_list(shard* own, pool_box* box) {
  short_lock& guard = own != nullptr ? own->guard : guard_;
  as_lock(guard).lock();
  hooks::took(hooks::op::pool_use, own != nullptr ? &own->first : &first_);
  push(own != nullptr ? own->first : first_, box);
  as_lock(guard).unlock();
}

pool_box* pool_core::get() {
  RAVEL_POINT(pool_use, writes, this);
  shard* own = own_shard();
  if (own != nullptr && own->mine != nullptr && own->mine->state.load(std::memory_order_acquire) == pool_box::full) {
    own->mine->state.store(pool_box::busy, std::memory_order_relaxed);
    return own->mine;
  }
  return get_from_lists(own);
}

[[gnu::noinline]] pool_box* pool_core::get_from_lists(shard* own) {
  pool_box* box = own != nullptr ? pop(own->first, own->guard) : nullptr;
  if (box == nullptr) box = pop(first_, guard_);
  if (shards* s = shards_.load(std::memory_order_acquire); s != nullptr) {
    for (int i = 0; box == nullptr && i < s->count; ++i) box = pop(s->all[i].first, s->all[i].guard);
  }
  if constexpr (hooks::enabled) {
    if (box != nullptr) hooks::sink().acquire(sched::current(), as_object(box->clock), hooks::operation::pool_get);
  }
  return box;
}

pool_box* pool_core::get_empty() {
  shard* own = own_shard();
  if (own == nullptr || own->mine == nullptr || own->mine->state.load(std::memory_order_acquire) != pool_box::empty) return nullptr;
  own->mine->state.store(pool_box::busy, std::memory_order_relaxed);
  return own->mine;
}

pool_box* pool_core::drain() {
  shards* s = shards_.load(std::memory_order_acquire);
  for (int i = 0; s != nullptr && i < s->count; ++i) {
    if (s->all[i].mine != nullptr) return std::exchange(s->all[i].mine, nullptr);
  }
  return get_from_lists(nullptr);
}

void pool_core::release(pool_box& box) { hooks::destroyed(as_object(box.clock)); }

}  // namespace detail
} }
