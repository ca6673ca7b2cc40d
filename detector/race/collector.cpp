#include "detector/race/collector.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "detector/base/invariant.hpp"
#include "detector/clock/chain_pool.hpp"
#include "detector/race/goroutine_state.hpp"
#include "detector/race/heap.hpp"
#include "detector/race/listener.hpp"
#include "detector/race/resident_shadow.hpp"
#include "detector/shadow/goroutine_table.hpp"
#include "detector/shadow/history.hpp"
#include "detector/shadow/lock_sets.hpp"
#include "detector/shadow/shadow_map.hpp"

namespace ravel::detector {

namespace {

// Threads that are inside a transition. Each of the first has a slot of its own and need not count atomically; all later ones share
// the last.
struct alignas(64) slot { std::atomic<std::uint32_t> inside{0}; };
constinit slot table[recording_slots]{};
constinit std::atomic<std::uint32_t> next_slot{0};

bool may_make_barriers() { return ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0; }
bool make_barrier() { return ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0; }

void wait_for_transitions() {
  // The copy that fork makes may have to ask again.
  if (collector_makes_barriers) RAVEL_INVARIANT(make_barrier() || (may_make_barriers() && make_barrier()));
  for (slot& s : table) {
    while (s.inside.load(std::memory_order_acquire) != 0) spin_lock::yield_thread();
  }
}

constinit std::atomic<bool> collecting{false};
constinit std::atomic<std::size_t> due_at{std::size_t{1} << 14};  // allocations in all that start the next collection

std::size_t allocations() { return node_pool::allocated_in_all() + segment_table::begun_in_all() + lock_sets::made_in_all(); }

constexpr std::uint8_t followed_as_head = 8;  // in a mark, beside `traversed`

void follow_list(std::uint32_t first, std::uint8_t epoch) {
  for (std::uint32_t i = first; i != 0; i = node_pool::at(i).next) {
    std::uint8_t& m = node_pool::mark(i);
    const std::uint8_t seen = __atomic_load_n(&m, __ATOMIC_RELAXED);
    if ((seen & ~followed_as_head) == (epoch | traversed)) return;
    __atomic_store_n(&m, epoch | traversed, __ATOMIC_RELAXED);
    goroutine_table::mark(node_pool::at(i).record.goroutine, epoch);
    lock_sets::mark(node_pool::at(i).record.locks, epoch);
  }
}

void follow(std::uint32_t head, std::uint8_t epoch) {
  const std::uint8_t done = epoch | traversed | followed_as_head;
  std::uint8_t& m = node_pool::mark(head);
  if (__atomic_load_n(&m, __ATOMIC_RELAXED) == done) return;
  follow_list(head, epoch);
  follow_list(node_pool::at(head).other, epoch);
  __atomic_store_n(&m, done, __ATOMIC_RELAXED);
}

// A tag of the kind that needs no memory but its segment's.
void follow_point(tag_word t, std::uint8_t epoch) {
  segment& s = segment_table::at(segment_of(t));
  if (s.mark != epoch) s.mark = epoch;
  goroutine_table::mark(s.goroutine, epoch);
  access_points::mark(point_of_tag(t), epoch);
}

void follow_slot(state_slot& slot, std::uint8_t epoch) {
  if (slot.head != 0) {
    follow(slot.head, epoch);
  } else if (slot.point != 0) {
    slot.mark = epoch | traversed;
    access_points::mark(slot.point, epoch);
    follow_point(slot.older, epoch);
  }
}

void follow_tag(tag_word t, std::uint8_t epoch) {
  if (names_point(t)) {
    follow_point(t, epoch);
    return;
  }
  state_slot& slot = segment_table::of(t);
  if (slot.head == 0 && slot.mark == (epoch | traversed)) return;
  follow_slot(slot, epoch);
  if (slot.head == 0) goroutine_table::mark(segment_table::at(segment_of(t)).goroutine, epoch);
}

void follow_segment(segment_id id, std::uint8_t epoch) {
  segment& s = segment_table::at(id);
  goroutine_table::mark(s.goroutine, epoch);
  const std::uint32_t count = __atomic_load_n(&s.count, __ATOMIC_ACQUIRE);
  for (std::uint32_t i = 0; i < count; ++i) follow_slot(segment_table::slot(s, i), epoch);
}

constexpr std::uint8_t old_age = 3;  // segment::born of segments that were there before

// Segments that were present when the collection began keep `born` == epoch like those begun since, and so do the locks held then.
void protect_what_is_present(std::uint8_t epoch) {
  auto protect = [](void* e, goroutine_state& g) {
    // This order: a segment that is made present again meanwhile has been kept before.
    for (const std::atomic<segment_id>* s : {&g.segment, &g.kept_segment}) {
      const segment_id id = s->load(std::memory_order_seq_cst);
      if (id != no_segment) __atomic_store_n(&segment_table::at(id).born, *static_cast<std::uint8_t*>(e), __ATOMIC_RELAXED);
    }
    lock_sets::mark(__atomic_load_n(&g.locks, __ATOMIC_RELAXED), *static_cast<std::uint8_t*>(e));
  };
  for_each_goroutine(&epoch, protect);
}

void follow_protected(segment_id end, std::uint8_t epoch) {
  for (segment_id id = 1; id < end; ++id) {
    if (__atomic_load_n(&segment_table::at(id).born, __ATOMIC_ACQUIRE) == epoch) follow_segment(id, epoch);
  }
}

// Whether the state is still named by somebody; if not it becomes none.
bool keeps(state_slot& slot, std::uint8_t epoch) {
  if (slot.head != 0) {
    if ((node_pool::mark(slot.head) & 3) == epoch) return true;
    slot.head = 0;
  } else if (slot.point != 0) {
    if ((slot.mark & 3) == epoch) return true;
    slot.point = 0;
  }
  return false;
}

void forget_unmarked(segment_id end, std::uint8_t epoch) {
  for (segment_id id = 1; id < end; ++id) {
    segment& s = segment_table::at(id);
    const std::uint8_t born = __atomic_load_n(&s.born, __ATOMIC_RELAXED);
    if (born == 0 || born == epoch) continue;
    s.born = old_age;
    bool used = s.mark == epoch;
    s.mark = 0;
    for (std::uint32_t i = 0; i < s.count; ++i) used |= keeps(segment_table::slot(s, i), epoch);
    if (!used) segment_table::free(id);
  }
  segment_table::publish_freed();
}

}  // namespace

bool collector_makes_barriers = may_make_barriers();

RAVEL_COLD std::atomic<std::uint32_t>* claim_recording_slot() noexcept {
  const std::uint32_t n = next_slot.fetch_add(1, std::memory_order_relaxed);
  this_thread.shares_slot = n >= recording_slots - 1;
  return this_thread.slot = &table[this_thread.shares_slot ? recording_slots - 1 : n].inside;
}

// What is allocated during a collection survives it, so who allocates much meanwhile lets the collector have the processor: else each
// collection would find more and take longer than the one before.
constexpr std::size_t patience = std::size_t{1} << 14;

bool collection_is_due() noexcept {
  const std::size_t now = allocations(), due = due_at.load(std::memory_order_relaxed);
  if (__builtin_expect(now < due, 1)) return false;
  return !collecting.load(std::memory_order_relaxed) || now >= due + patience;
}

void collect_if_due() {
  if (!collection_is_due()) return;
  if (collecting.load(std::memory_order_relaxed)) spin_lock::yield_thread();
  else collect();
}

std::size_t collect() {
  if (collecting.exchange(true, std::memory_order_acquire)) return 0;
  const auto epoch = static_cast<std::uint8_t>(3 - collection_epoch.load(std::memory_order_relaxed));
  collection_epoch.store(epoch, std::memory_order_seq_cst);
  // What threads remember from before is dead from here on: a step looked up anew marks what it uses.
  const std::uint32_t began = collections.fetch_add(1, std::memory_order_seq_cst) + 1;
  wait_for_transitions();
  protect_what_is_present(epoch);
  if (listener != nullptr) listener->mark_lock_sets(epoch);

  std::uint8_t e = epoch;
  const std::size_t granules = for_each_resident_tag(&e, [](void* argument, tag_word t, std::uintptr_t) {
    if (is_block_marker(t)) {
      if (const goroutine_index by = allocated_by(t)) goroutine_table::mark(by, *static_cast<std::uint8_t*>(argument));
      return;
    }
    follow_tag(t, *static_cast<std::uint8_t*>(argument));
  });
  const segment_id end = segment_table::end();
  follow_protected(end, epoch);

  collections.fetch_add(1, std::memory_order_seq_cst);
  wait_for_transitions();  // those that still use what they looked up before
  access_points::sweep(epoch);  // marks the locks of those that stay
  lock_sets::take_out_unmarked(epoch);
  forget_unmarked(end, epoch);
  const std::size_t live = node_pool::sweep(epoch);
  wait_for_transitions();
  lock_sets::free_taken_out(epoch, [](lock_set_id id) {
    if (listener != nullptr) listener->lock_set_gone(id);
  });
  goroutine_table::sweep(epoch, began);
  chain_pool::forget_unused();

  // A collection reads all resident shadow: the more there is, the longer until the next, so that its share of the run stays small.
  due_at.store(allocations() + std::max({std::size_t{1} << 14, 3 * live, granules / 16}), std::memory_order_relaxed);
  collecting.store(false, std::memory_order_release);
  return live;
}

}  // namespace ravel::detector
