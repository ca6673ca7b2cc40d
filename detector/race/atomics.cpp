// std::atomic, fences and function-local statics of user code, by the rules of C++20 [intro.races], [atomics.order], [atomics.fences].
//
// The pass brackets an atomic instruction by begin and end. In between the location's stripe is locked: clock updates happen in the order
// of the operations, so a load never learns from a store it did not read from or after (in that order).
//   L: clock of the location; C: of the goroutine; F_acq: what relaxed loads saw; F_rel: C at the last release fence.
//   store: release: L := C; relaxed: L := F_rel (a relaxed store heads no release sequence of its own)
//   load:  acquire: C := C join L; relaxed: F_acq := F_acq join L
//   read-modify-write: both, but the store side joins L: it continues the release sequence it read from.
// Sequentially consistent operations count as acquire and release: C++ gives their total order no further happens-before.

#include "detector/race/calling_context.hpp"
#include "detector/race/collector.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/race/record_access.hpp"
#include "detector/race/sync_object.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "runtime/hooks/controlled.hpp"
#include "runtime/hooks/order.hpp"

namespace ravel::detector {

namespace {

bool acquires(std::uint32_t order) { return order == RAVEL_ORDER_ACQUIRE || order == RAVEL_ORDER_ACQ_REL || order == RAVEL_ORDER_SEQ_CST; }
bool releases(std::uint32_t order) { return order == RAVEL_ORDER_RELEASE || order == RAVEL_ORDER_ACQ_REL || order == RAVEL_ORDER_SEQ_CST; }

void join(sync_clock& into, const sync_clock& from) {
  into.fold();
  into.others.join(from.others);
  if (from.chain != no_chain) into.others.raise(from.chain, from.time);
}

bool active() { return !this_thread.inside && !this_thread.ignoring; }

std::uintptr_t to_address(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

void flag_block(std::uintptr_t p) {
  std::uint32_t* word = block_word(p);
  if ((__atomic_load_n(word, __ATOMIC_RELAXED) & block_has_atomics) == 0) unlock_block(word, lock_block(word) | block_has_atomics);
}

byte_mask bytes_from(std::uintptr_t p, std::uint32_t size) {
  return (((size >= granule_size ? 0x100u : 1u << size) - 1) << (p & (granule_size - 1))) & all_bytes;
}

void record_atomic(std::uintptr_t p, std::uint32_t size, bool write, const ravel_site* site, ravel_u64 context, const void* frame) {
  access_request r{p, site, context, frame, size, 0, write ? access_class::atomic_write : access_class::atomic_read, access_nature::memory, false};
  for (std::uintptr_t at = p; at < p + size; at = (at | (granule_size - 1)) + 1) {
    r.address = at;
    r.bytes = bytes_from(at, size);
    if (!is_covered(load_tag(tag_address(at)), r.bytes, r.kind, __ravel_current)) record_access(r);
  }
}

// A compare-exchange is recorded once it is known whether it wrote: a failed one is a load ([atomics.types.operations]) and does not race
// with a plain read. Between the operation and its record the stripe is locked, so nobody who learns of it comes first. Reports wait.
struct awaited_exchange { const ravel_site* site; ravel_u64 context; };
__thread awaited_exchange awaited;

void record_exchange(std::uintptr_t p, std::uint32_t size, bool wrote, const void* frame) {
  access_request r{p, awaited.site, awaited.context, frame, size, 0, wrote ? access_class::atomic_write : access_class::atomic_read,
                   access_nature::memory, true};
  for (std::uintptr_t at = p; at < p + size; at = (at | (granule_size - 1)) + 1) {
    r.address = at;
    r.bytes = bytes_from(at, size);
    if (is_covered(load_tag(tag_address(at)), r.bytes, r.kind, __ravel_current)) continue;
    recording_guard hold_off_collector;
    const held_block hold(block_word(at));
    record_access(r);
  }
}

void load_side(goroutine_state& g, std::uintptr_t p, std::uint32_t order) {
  sync_clock* l = address_clocks::find_locked(p);
  if (l == nullptr) return;
  if (acquires(order)) g.clock.acquire(*l);
  else join(g.acquire_fence, *l);
}

void store_side(goroutine_state& g, std::uintptr_t p, std::uint32_t order, bool continues_sequence, const void* frame) {
  if (releases(order)) {
    g.releases.add(g.clock.time(), ravel::hooks::operation::atomic_store, stack_of_event(frame));
    sync_clock& l = address_clocks::get_locked(p);
    if (continues_sequence) g.clock.release_merge(l);
    else g.clock.release(l);
    end_segment(g);
    return;
  }
  sync_clock* l = address_clocks::find_locked(p);
  if (!continues_sequence && l != nullptr && !l->empty()) {
    address_clocks::changes_locked(p);
    l->clear();
  }
  if (!g.release_fence.empty()) join(address_clocks::get_locked(p), g.release_fence);
}

ravel_u64 load(const void* address, std::uint32_t size) {
  switch (size) {
    case 1: return __atomic_load_n(static_cast<const std::uint8_t*>(address), __ATOMIC_ACQUIRE);
    case 2: return __atomic_load_n(static_cast<const std::uint16_t*>(address), __ATOMIC_ACQUIRE);
    case 4: return __atomic_load_n(static_cast<const std::uint32_t*>(address), __ATOMIC_ACQUIRE);
    default: return __atomic_load_n(static_cast<const std::uint64_t*>(address), __ATOMIC_ACQUIRE);
  }
}

bool has_learnt(const learnt_line& l, std::uintptr_t p, bool acquire, std::uint32_t changes) {
  return l.not_address == ~p && l.changes == changes && changes != address_clocks::changing && (l.acquired || !acquire) &&
         l.segment == segment_of(__ravel_current) && l.segment != no_segment && l.collection == collections.load(std::memory_order_relaxed);
}

// Under the lock. Who keeps the order counts on it that a look which finds no change reads the same value, whatever the clock says of it.
[[gnu::always_inline]] inline std::uint64_t place_of(const goroutine_state& g, std::uintptr_t p, bool writes) {
  if (writes) address_clocks::changes_locked(p);
  return hooks::place_in_order(*g.view, address_clocks::order_locked(p));
}

// In a controlled run: the bytes before the operation, to see whether it changes anything.
__thread std::uint64_t value_before = 0;

std::uint64_t value_at(std::uintptr_t p, std::uint32_t size) {
  std::uint64_t value = 0;
  __builtin_memcpy(&value, reinterpret_cast<const void*>(p), size < 8 ? size : 8);
  return value;
}

hooks::op op_of(std::uint32_t kind) {
  using hooks::op;
  return kind == RAVEL_ATOMIC_LOAD ? op::atomic_load : kind == RAVEL_ATOMIC_STORE ? op::atomic_store :
         kind == RAVEL_ATOMIC_RMW ? op::atomic_rmw : op::atomic_cas;
}

// libstdc++ looks at an atomic some twenty times before it waits for it. As points these looks would seem a spin loop, which others are let
// past, and the wait itself, with what can go wrong in it, would hardly ever be reached.
bool looks_before_wait(const ravel_site* site) {
  struct known { const ravel_site* site; bool looks; };
  static known all[256];  // one thread takes steps
  known& k = all[(reinterpret_cast<std::uintptr_t>(site) / sizeof(ravel_site)) % 256];
  if (k.site == site) return k.looks;
  k = {site, false};
  for (const ravel_frame* f = &site->where; f != nullptr; f = f->inlined_at) k.looks = k.looks || __builtin_strstr(f->function, "__atomic_spin") != nullptr;
  return k.looks;
}

[[gnu::noinline]] void step_of_atomic(std::uintptr_t p, std::uint32_t size, std::uint32_t kind, const ravel_site* site, const void* frame) {
  if (looks_before_wait(site)) return;
  hooks::detail::point({op_of(kind), kind == RAVEL_ATOMIC_LOAD ? hooks::touch::reads : hooks::touch::writes, 0, reinterpret_cast<const void*>(p), nullptr,
                        reinterpret_cast<std::uintptr_t>(frame), reinterpret_cast<std::uintptr_t>(site)},
                       nullptr, hooks::wait_reason::none);
  if (kind >= RAVEL_ATOMIC_RMW) value_before = value_at(p, size);
}

}  // namespace
}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

void __ravel_atomic_begin(const void* address, ravel_u32 size, ravel_u32 kind, ravel_u32, const ravel_site* site, ravel_u64 context) {
  if (!active()) return;
  const std::uintptr_t p = to_address(address);
  running_or_adopted();
  if (ravel::hooks::maybe_controlled()) step_of_atomic(p, size, kind, site, __builtin_frame_address(0));
  if (kind == RAVEL_ATOMIC_CAS) awaited = {site, context};
  else record_atomic(p, size, kind != RAVEL_ATOMIC_LOAD, site, context, __builtin_frame_address(0));
  if (kind != RAVEL_ATOMIC_LOAD) flag_block(p);
  address_clocks::lock(p);
}

void __ravel_atomic_end(const void* address, ravel_u32 size, ravel_u32 kind, ravel_u32 orders, ravel_u32 succeeded) {
  if (!active()) return;
  const std::uintptr_t p = to_address(address);
  goroutine_state& g = *running();
  ravel::hooks::order_keeper* const keeper = ravel::hooks::keeps_order();
  std::uint64_t place = 0;
  {
    inside_detector guard;
    const ravel_u32 order = succeeded != 0 ? orders & 15 : orders >> 4;
    const bool writes = kind == RAVEL_ATOMIC_STORE || kind == RAVEL_ATOMIC_RMW || (kind == RAVEL_ATOMIC_CAS && succeeded != 0);
    if (kind == RAVEL_ATOMIC_CAS) record_exchange(p, size, writes, __builtin_frame_address(0));
    if (kind != RAVEL_ATOMIC_STORE) load_side(g, p, order);
    if (writes) store_side(g, p, order, kind != RAVEL_ATOMIC_STORE, __builtin_frame_address(0));
    if (keeper != nullptr) [[unlikely]] place = place_of(g, p, writes);
  }
  address_clocks::unlock(p);
  if (keeper != nullptr) [[unlikely]] keeper->took_at(place, op_of(kind), kind == RAVEL_ATOMIC_CAS ? succeeded : 0);
  if (this_thread.chores) do_chores();
  if (ravel::hooks::maybe_controlled() && kind >= RAVEL_ATOMIC_RMW && value_at(p, size) != value_before) ravel::hooks::progressed();
}

// Most loads read what this goroutine has read before: a flag that is not set yet, a pointer that was published long ago. Of the clock
// there is nothing to learn then, and as long as it has not changed from before the load to after it, it is the one of the value that was
// read: a store holds the lock from before it is seen until the clock says so. Without the lock such a load costs a few nanoseconds and,
// above all, writes nothing that other processors read.
ravel_u64 __ravel_atomic_load(const void* address, ravel_u32 size, ravel_u32 order, const ravel_site* site, ravel_u64 context) {
  if (!active()) return load(address, size);
  const std::uintptr_t p = to_address(address);
  bool each_is_told = false;
  if (ravel::hooks::maybe_controlled()) {
    running_or_adopted();
    step_of_atomic(p, size, RAVEL_ATOMIC_LOAD, site, __builtin_frame_address(0));
    each_is_told = ravel::hooks::keeps_order() != nullptr;
  }
  learnt_line& line = learnt_line_for(p);
  const std::uint32_t changes = address_clocks::changes(p);
  if (has_learnt(line, p, acquires(order), changes) && !each_is_told) {
    if (is_covered(load_tag(tag_address(p)), bytes_from(p, size), access_class::atomic_read, __ravel_current)) {
      const ravel_u64 value = load(address, size);
      if (address_clocks::changes(p) == changes) {
        ++ravel::hooks::detail::same_looks;  // cheaper than asking whether anybody counts
        return value;
      }
    }
  }
  goroutine_state& g = running_or_adopted();
  record_atomic(p, size, false, site, context, __builtin_frame_address(0));
  ravel::hooks::order_keeper* const keeper = ravel::hooks::keeps_order();
  inside_detector guard;
  std::uint64_t value = 0, place = 0;
  {
    const address_clocks cell(p);
    value = load(address, size);
    if (keeper != nullptr && keeper->is_counted_look(address, size, value)) return value;
    load_side(g, p, order);
    if (keeper != nullptr) [[unlikely]] place = place_of(g, p, false);
    line = {~p, segment_of(__ravel_current), collections.load(std::memory_order_relaxed), address_clocks::changes_while_locked(p), acquires(order)};
  }
  if (keeper != nullptr) [[unlikely]] keeper->took_at(place, ravel::hooks::op::atomic_load, 0);
  return value;
}

void __ravel_fence(ravel_u32 order) {
  if (!active()) return;
  RAVEL_POINT(fence, nothing, nullptr);
  goroutine_state& g = running_or_adopted();
  inside_detector guard;
  if (acquires(order)) g.clock.acquire(g.acquire_fence);
  if (releases(order)) {
    g.releases.add(g.clock.time(), ravel::hooks::operation::atomic_store, stack_of_event(__builtin_frame_address(0)));
    g.clock.release(g.release_fence);
    end_segment(g);
  }
}

void __ravel_static_acquired(const void* guard) {
  if (!active()) return;
  goroutine_state& g = running_or_adopted();
  inside_detector here;
  address_clocks cell(to_address(guard));
  ravel::hooks::took(ravel::hooks::op::once_call, guard);
  if (sync_clock* c = cell.find()) g.clock.acquire(*c);
}

void __ravel_static_released(const void* guard) {
  if (!active()) return;
  goroutine_state& g = running_or_adopted();
  inside_detector here;
  g.releases.add(g.clock.time(), ravel::hooks::operation::static_init, stack_of_event(__builtin_frame_address(0)));
  address_clocks cell(to_address(guard));
  g.clock.release(cell.get());
  ravel::hooks::took(ravel::hooks::op::once_call, guard, 2);
  end_segment(g);
}

}  // extern "C"
