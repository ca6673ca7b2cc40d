#include "detector/race/collector.hpp"

#include <algorithm>
#include <cstring>

#include "detector/race/goroutine_state.hpp"
#include "detector/race/resident_shadow.hpp"
#include "detector/shadow/history.hpp"
#include "detector/shadow/shadow_map.hpp"

namespace ravel::detector {

namespace {

// Threads that are inside a transition, counted in slots so that they do not share cache lines. More threads than slots share.
struct alignas(64) slot { std::atomic<std::uint32_t> inside{0}; };
constexpr std::uint32_t slots = 256;
constinit slot table[slots]{};
constinit std::atomic<std::uint32_t> next_slot{0};

std::atomic<std::uint32_t>& my_slot() noexcept {
  if (this_thread.slot == 0) this_thread.slot = next_slot.fetch_add(1, std::memory_order_relaxed) % slots + 1;
  return table[this_thread.slot - 1].inside;
}

void wait_for_transitions() {
  for (slot& s : table) {
    while (s.inside.load(std::memory_order_acquire) != 0) spin_lock::yield_thread();
  }
}

constinit std::atomic<bool> collecting{false};
constinit std::atomic<std::size_t> due_at{std::size_t{1} << 20};  // allocations in all that start the next collection

std::size_t allocations() { return history_pool::allocated_in_all() + node_pool::allocated_in_all(); }

void follow(std::uint32_t history_index, std::uint8_t epoch) {
  const std::uint8_t done = epoch | traversed;
  history& h = history_pool::at(history_index);
  if (__atomic_load_n(&mark(h), __ATOMIC_RELAXED) == done) return;
  __atomic_store_n(&mark(h), done, __ATOMIC_RELAXED);
  for (std::uint32_t head : h.head) {
    for (std::uint32_t i = head; i != 0; i = node_pool::at(i).next) {
      std::uint8_t& m = mark(node_pool::at(i));
      if (__atomic_load_n(&m, __ATOMIC_RELAXED) == done) break;
      __atomic_store_n(&m, done, __ATOMIC_RELAXED);
    }
  }
}

void follow_segment(segment_id id, std::uint8_t epoch) {
  segment& s = segment_table::at(id);
  const std::uint32_t count = __atomic_load_n(&s.count, __ATOMIC_ACQUIRE);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (const std::uint32_t h = segment_table::slot(s, i)) follow(h, epoch);
  }
}

constexpr std::uint8_t old_age = 3;  // segment::born of segments that were there before

// Segments that were present when the collection began keep `born` == epoch like those begun since.
void protect_present_segments(std::uint8_t epoch) {
  auto protect = [](void* e, goroutine_state& g) {
    const segment_id id = g.segment.load(std::memory_order_acquire);
    if (id != no_segment) __atomic_store_n(&segment_table::at(id).born, *static_cast<std::uint8_t*>(e), __ATOMIC_RELAXED);
  };
  for_each_goroutine(&epoch, protect);
}

void follow_protected(segment_id end, std::uint8_t epoch) {
  for (segment_id id = 1; id < end; ++id) {
    if (__atomic_load_n(&segment_table::at(id).born, __ATOMIC_ACQUIRE) == epoch) follow_segment(id, epoch);
  }
}

void forget_unmarked(segment_id end, std::uint8_t epoch) {
  for (segment_id id = 1; id < end; ++id) {
    segment& s = segment_table::at(id);
    const std::uint8_t born = __atomic_load_n(&s.born, __ATOMIC_RELAXED);
    if (born == 0 || born == epoch) continue;
    s.born = old_age;
    bool used = false;
    for (std::uint32_t i = 0; i < s.count; ++i) {
      std::uint32_t& h = segment_table::slot(s, i);
      if (h == 0) continue;
      if ((mark(history_pool::at(h)) & 3) == epoch) used = true;
      else h = 0;
    }
    if (!used) segment_table::free(id);
  }
}

}  // namespace

recording_guard::recording_guard() noexcept { my_slot().fetch_add(1, std::memory_order_seq_cst); }
recording_guard::~recording_guard() { my_slot().fetch_sub(1, std::memory_order_release); }

void collect_if_due() {
  if (__builtin_expect(allocations() < due_at.load(std::memory_order_relaxed), 1)) return;
  collect();
}

std::size_t collect() {
  if (collecting.exchange(true, std::memory_order_acquire)) return 0;
  const auto epoch = static_cast<std::uint8_t>(3 - collection_epoch.load(std::memory_order_relaxed));
  collection_epoch.store(epoch, std::memory_order_seq_cst);
  wait_for_transitions();
  protect_present_segments(epoch);

  std::uint8_t e = epoch;
  const std::size_t granules = for_each_resident_tag(&e, [](void* argument, tag_word t) {
    const std::uint32_t h = segment_table::slot(segment_table::at(segment_of(t)), state_of(t));
    if (h != 0) follow(h, *static_cast<std::uint8_t*>(argument));
  });
  const segment_id end = segment_table::end();
  follow_protected(end, epoch);

  collections.fetch_add(1, std::memory_order_seq_cst);
  forget_unmarked(end, epoch);
  const std::size_t live = history_pool::sweep(epoch) + node_pool::sweep(epoch);

  // A collection reads all resident shadow: the more there is, the longer until the next, so that its share of the run stays small.
  due_at.store(allocations() + std::max({std::size_t{1} << 20, live, granules / 16}), std::memory_order_relaxed);
  collecting.store(false, std::memory_order_release);
  return live;
}

}  // namespace ravel::detector
