#include "detector/race/interposed/observed.hpp"

#include "detector/race/calling_context.hpp"
#include "detector/race/record_access.hpp"
#include "detector/race/set_guard.hpp"
#include "detector/race/sync_object.hpp"
#include "detector/shadow/lock_sets.hpp"
#include "detector/shadow/shadow_map.hpp"

namespace ravel::detector {

namespace {

std::uintptr_t address_of(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

// So that freeing the memory drops the clock.
void flag_block(std::uintptr_t p) {
  if (!is_shadowed(p)) return;
  std::uint32_t* word = block_word(p);
  if ((__atomic_load_n(word, __ATOMIC_RELAXED) & block_has_atomics) == 0) unlock_block(word, lock_block(word) | block_has_atomics);
}

void log_release(goroutine_state& g, hooks::operation op, const void* frame) { g.releases.add(g.clock.time(), op, stack_of_event(frame)); }

void set_locks(goroutine_state& g, lock_set_id locks) {
  g.locks = locks;
  this_thread.self_locks = locks;
}

}  // namespace

void acquire_from(const void* object) {
  observation o;
  const address_clocks cell(address_of(object));
  if (sync_clock* c = cell.find()) o.self.clock.acquire(*c);
}

void release_to(const void* object, hooks::operation op, const void* frame) {
  observation o;
  log_release(o.self, op, frame);
  flag_block(address_of(object));
  address_clocks cell(address_of(object));
  o.self.clock.release(cell.get());
  end_segment(o.self);
}

void merge_into(const void* object, hooks::operation op, const void* frame) {
  observation o;
  log_release(o.self, op, frame);
  flag_block(address_of(object));
  address_clocks cell(address_of(object));
  o.self.clock.release_merge(cell.get());
  end_segment(o.self);
}

void forget_clocks(const void* object, std::size_t size) {
  observation o;
  address_clocks::forget(address_of(object), address_of(object) + size);
}

void lock_taken(const void* lock, hooks::lock_mode mode, hooks::operation op, const void* frame) {
  observation o;
  const stack_id at = stack_of_event(frame);
  const set_guard guard;
  set_locks(o.self, lock_sets::with(o.self.locks, lock, mode == hooks::lock_mode::shared, static_cast<std::uint8_t>(op), at));
}

void lock_given_back(const void* lock) {
  observation o;
  const set_guard guard;
  set_locks(o.self, lock_sets::without(o.self.locks, lock));
}

held how_held(const void* lock) {
  observation o;
  for (lock_set_id id = o.self.locks; id != 0; id = lock_sets::at(id).others) {
    if (lock_sets::at(id).lock == lock) return lock_sets::at(id).shared ? held::shared : held::exclusively;
  }
  return held::no;
}

void exclusive_lock_taken(const void* lock, hooks::operation op, const void* frame) {
  acquire_from(lock);
  lock_taken(lock, hooks::lock_mode::exclusive, op, frame);
  record_use(lock, frame);
}

void exclusive_lock_ends(const void* lock, hooks::operation op, const void* frame) {
  // Unlocked by another than it was locked by: he need not know what the earlier holders did, and still publishes it.
  if (how_held(lock) == held::no) merge_into(lock, op, frame);
  else release_to(lock, op, frame);
  lock_given_back(lock);
}

void record_use(const void* object, const void* frame) {
  const int before = errno;
  if (!this_thread.ignoring) record_range(address_of(object), 4, access_class::plain_read, access_nature::memory, frame);
  errno = before;
}

void record_life(const void* object, std::size_t size, const void* frame) {
  const int before = errno;
  if (!this_thread.ignoring) record_range(address_of(object), size, access_class::plain_write, access_nature::memory, frame);
  errno = before;
}

void record_read(const void* memory, std::size_t size, const void* frame) {
  if (!goroutine_observed() || this_thread.ignoring || size == 0) return;
  const int before = errno;
  record_range(address_of(memory), size, access_class::plain_read, access_nature::memory, frame);
  errno = before;
}

void record_written(const void* memory, std::size_t size, const void* frame) {
  if (!goroutine_observed() || this_thread.ignoring || size == 0) return;
  const int before = errno;
  record_range(address_of(memory), size, access_class::plain_write, access_nature::memory, frame);
  errno = before;
}

}  // namespace ravel::detector
