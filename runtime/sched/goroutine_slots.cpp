#include "runtime/sched/goroutine_slots.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <mutex>
#include <new>
#include <system_error>
#include <vector>

#include "runtime/diag/check.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

constinit std::atomic<bool> unguarded_stacks{false};

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t least_stack = 16 * page;
constexpr std::uint32_t default_class = std::countr_zero(default_stack_size);
constexpr std::size_t local_most = 1024;        // free slots a processor keeps for itself
constexpr std::size_t batch = 128;               // slots that move between a processor and the pool at a time
constexpr std::size_t always_kept = 1024;       // free slots of a class that stay warm however long nobody needs them
constexpr std::size_t region_bytes = std::size_t{1} << 30;
constexpr int guard_install = 102;  // MADV_GUARD_INSTALL, Linux 6.13: a guard page that splits no mapping, so any number of them
// mprotect splits a mapping for each guard, and a process has 65,530 of them by default; the program wants some too.
constexpr std::size_t most_split_guards = 15000;

struct region {
  std::uintptr_t base;
  std::size_t stride;                 // guard page, stack
  std::size_t slots;
  std::uint32_t slot_class;
  std::atomic<std::size_t> used{0};   // slots ever handed out: the first ones
  region* next;
  std::uintptr_t top(std::size_t i) const { return base + (i + 1) * stride; }
};

struct slot_pool {
  goroutine* first = nullptr;             // warm, newest first
  std::size_t count = 0;
  std::size_t least = 0;                  // of count since the monitor last looked: so many nobody has needed
  std::vector<std::uintptr_t> cold;       // tops of slots without memory
  region* filling = nullptr;
};

constinit os_lock lock;                   // guards pools, regions' creation and `split_guards`
constinit slot_pool* pools[64] = {};
constinit std::atomic<region*> regions{nullptr};
constinit std::size_t split_guards = 0;

goroutine* goroutine_at(std::uintptr_t top) { return reinterpret_cast<goroutine*>((top - sizeof(goroutine)) & ~std::uintptr_t{63}); }

std::uint32_t class_of(std::size_t size) {
  if (size == 0) return default_class;
  return static_cast<std::uint32_t>(std::countr_zero(std::bit_ceil(std::max(size, least_stack))));
}
std::size_t stack_bytes(std::uint32_t slot_class) { return std::size_t{1} << slot_class; }

slot_pool& pool_locked(std::uint32_t slot_class) {
  if (pools[slot_class] == nullptr) pools[slot_class] = new slot_pool;
  return *pools[slot_class];
}

// One call for many stacks: their guard pages, and the pages their goroutines will touch first, which so need no fault each. Since Linux 6.14 a
// process may name itself; a quarter cheaper than one by one. False: the kernel is older.
bool guard_many_locked(std::uintptr_t base, std::size_t stride, std::size_t n) {
  constexpr int self = -10001;  // PIDFD_SELF_THREAD_GROUP
  iovec guards[batch], tops[batch];
  for (std::size_t i = 0; i < n; ++i) {
    guards[i] = {reinterpret_cast<void*>(base + i * stride), page};
    tops[i] = {reinterpret_cast<void*>(base + (i + 1) * stride - page), page};
  }
  if (::syscall(SYS_process_madvise, self, guards, n, guard_install, 0) != static_cast<long>(n * page)) return false;
  ::syscall(SYS_process_madvise, self, tops, n, MADV_POPULATE_WRITE, 0);  // else they are faulted in
  return true;
}

void guard_locked(std::uintptr_t at) {
  auto* p = reinterpret_cast<void*>(at);
  if (::madvise(p, page, guard_install) == 0) return;
  if (split_guards < most_split_guards && ::mprotect(p, page, PROT_NONE) == 0) {
    ++split_guards;
    return;
  }
  unguarded_stacks.store(true, std::memory_order_relaxed);
}

region* new_region_locked(std::uint32_t slot_class) {
  const std::size_t stride = stack_bytes(slot_class) + page;
  const std::size_t bytes = std::max(stride, slot_class == default_class ? region_bytes : region_bytes / 16);
  void* p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (p == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "ravel: no stack for a new goroutine");
  ::madvise(p, bytes, MADV_NOHUGEPAGE);  // a huge page would commit eight stacks at the first touch of one
  auto* r = new region{reinterpret_cast<std::uintptr_t>(p), stride, bytes / stride, slot_class, {}, regions.load(std::memory_order_relaxed)};
  regions.store(r, std::memory_order_release);
  return r;
}

goroutine* furnish(std::uintptr_t top, std::uint32_t slot_class) {
  auto* g = ::new (goroutine_at(top)) goroutine;
  g->slot_class = slot_class;
  g->stack_low = top - stack_bytes(slot_class);
  g->stack_high = reinterpret_cast<std::uintptr_t>(g);
  return g;
}

void put_locked(slot_pool& pool, goroutine* g) {
  g->next = pool.first;
  pool.first = g;
  ++pool.count;
}

void add_fresh_locked(slot_pool& pool, std::uint32_t slot_class, std::size_t n) {
  if (pool.filling == nullptr || pool.filling->used.load(std::memory_order_relaxed) == pool.filling->slots) {
    pool.filling = new_region_locked(slot_class);
  }
  region& r = *pool.filling;
  const std::size_t first = r.used.load(std::memory_order_relaxed);
  n = std::min(n, r.slots - first);
  const bool guarded = n > 1 && guard_many_locked(r.base + first * r.stride, r.stride, n);
  for (std::size_t i = first; i < first + n; ++i) {
    if (!guarded) guard_locked(r.base + i * r.stride);
    put_locked(pool, furnish(r.top(i), slot_class));
  }
  r.used.store(first + n, std::memory_order_release);
}

goroutine* take_locked(slot_pool& pool, std::uint32_t slot_class) {
  if (goroutine* g = pool.first) {
    pool.first = g->next;
    pool.least = std::min(pool.least, --pool.count);
    return g;
  }
  if (!pool.cold.empty()) {
    const std::uintptr_t top = pool.cold.back();
    pool.cold.pop_back();
    return furnish(top, slot_class);
  }
  add_fresh_locked(pool, slot_class, 1);
  return take_locked(pool, slot_class);
}

}  // namespace

goroutine* take_slot(processor* p, std::size_t size) {
  const std::uint32_t slot_class = class_of(size);
  if (p == nullptr || slot_class != default_class) {
    const std::lock_guard hold(lock);
    return take_locked(pool_locked(slot_class), slot_class);
  }
  if (p->resting == nullptr) {
    const std::lock_guard hold(lock);
    slot_pool& pool = pool_locked(slot_class);
    // Warm ones come in batches; the last comes first out, as it should.
    if (pool.count == 0 && pool.cold.empty()) {
      p->fresh_batch = std::min(2 * p->fresh_batch, batch);  // a program of three goroutines needs no 32 stacks
      add_fresh_locked(pool, slot_class, p->fresh_batch);
    }
    std::size_t n = std::clamp<std::size_t>(pool.count, 1, batch);
    for (; n != 0; --n) {
      goroutine* g = take_locked(pool, slot_class);
      g->next = p->resting;
      p->resting = g;
      ++p->resting_count;
    }
  }
  goroutine* g = p->resting;
  p->resting = g->next;
  --p->resting_count;
  return g;
}

void give_back_slot(processor* p, goroutine& g) noexcept {
  if (p == nullptr || g.slot_class != default_class) {
    const std::lock_guard hold(lock);
    put_locked(pool_locked(g.slot_class), &g);
    return;
  }
  g.next = p->resting;
  p->resting = &g;
  if (++p->resting_count <= local_most) return;
  const std::lock_guard hold(lock);
  slot_pool& pool = pool_locked(default_class);
  for (std::size_t n = local_most / 4; n != 0; --n) {
    goroutine* old = p->resting;
    p->resting = old->next;
    --p->resting_count;
    put_locked(pool, old);
  }
}

namespace {

// What idle processors keep for themselves goes to the pool, where it can cool. An idle processor is nobody's while global.lock is held.
void collect_from_idle_processors() {
  const std::lock_guard nobody_takes_one(global.lock);
  const std::lock_guard hold(lock);
  for (processor* p = global.idle_processors; p != nullptr; p = p->idle_next) {
    while (goroutine* g = p->resting) {
      p->resting = g->next;
      put_locked(pool_locked(default_class), g);
    }
    p->resting_count = 0;
    p->fresh_batch = 1;
  }
}

}  // namespace

bool cool_idle_slots() noexcept {
  bool any = false;
  collect_from_idle_processors();
  for (slot_pool*& entry : pools) {
    std::vector<std::uintptr_t> tops;
    std::size_t stride = 0;
    {
      const std::lock_guard hold(lock);
      if (entry == nullptr) continue;
      const std::size_t unneeded = std::exchange(entry->least, entry->count);
      if (unneeded <= always_kept || entry->filling == nullptr) continue;
      stride = entry->filling->stride;
      for (std::size_t n = (unneeded - always_kept + 1) / 2; n != 0; --n) {
        goroutine* g = entry->first;
        entry->first = g->next;
        --entry->count;
        tops.push_back(g->stack_low + stride - page);
      }
      entry->least = entry->count;
    }
    any = true;
    std::sort(tops.begin(), tops.end());
    // Neighbours in one call. Guard pages stay: MADV_DONTNEED does not take them.
    for (std::size_t i = 0; i != tops.size();) {
      std::size_t end = i + 1;
      while (end != tops.size() && tops[end] == tops[end - 1] + stride) ++end;
      const std::uintptr_t low = tops[i] - stride + page;
      ::madvise(reinterpret_cast<void*>(low), tops[end - 1] - low, MADV_DONTNEED);
      i = end;
    }
    const std::lock_guard hold(lock);
    entry->cold.insert(entry->cold.end(), tops.begin(), tops.end());
  }
  return any;
}

void visit_slots(void* context, void (*visit)(void* context, goroutine& g)) {
  std::vector<const region*> oldest_first;
  for (const region* r = regions.load(std::memory_order_acquire); r != nullptr; r = r->next) oldest_first.push_back(r);
  std::reverse(oldest_first.begin(), oldest_first.end());
  for (const region* r : oldest_first) {
    const std::size_t used = r->used.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < used; ++i) visit(context, *goroutine_at(r->top(i)));
  }
}

void visit_regions(void* context, void (*visit)(void* context, std::uintptr_t low, std::uintptr_t high)) {
  for (const region* r = regions.load(std::memory_order_acquire); r != nullptr; r = r->next) visit(context, r->base, r->base + r->slots * r->stride);
}

bool stack_is_whole(const goroutine& g) noexcept {
  // The page below the stack is used by nobody: whole while it reads as it came from the kernel.
  unsigned char resident = 0;
  return ::mincore(reinterpret_cast<void*>(g.stack_low - page), page, &resident) != 0 || (resident & 1) == 0;
}

const goroutine* guarded_by(std::uintptr_t address) noexcept {
  for (const region* r = regions.load(std::memory_order_acquire); r != nullptr; r = r->next) {
    if (address < r->base || address >= r->base + r->slots * r->stride) continue;
    const std::size_t i = (address - r->base) / r->stride;
    if (address >= r->base + i * r->stride + page || i >= r->used.load(std::memory_order_acquire)) return nullptr;
    return goroutine_at(r->top(i));
  }
  return nullptr;
}

}  // namespace ravel::sched
