#include "detector/race/sync_object.hpp"

#include <atomic>
#include <new>

#include "detector/base/object_pool.hpp"

namespace ravel::detector {

sync_cell* new_sync_cell() {
  static constinit std::atomic<std::uint64_t> cells{0};
  constexpr int most_looks = 32;  // of a cell, as bits: four thousand million
  return ::new (object_pool<sync_cell>::allocate()) sync_cell{{}, cells.fetch_add(1, std::memory_order_relaxed) << most_looks, {}};
}

void free_sync_cell(sync_cell* cell) {
  if (cell == nullptr) return;
  cell->~sync_cell();
  object_pool<sync_cell>::free(cell);
}

using stripe = address_clocks::stripe;

constinit address_clocks::stripe address_clocks::table_[stripes]{};

std::uint32_t address_clocks::changes_while_locked(std::uintptr_t address) { return stripe_of(address).changes.load(std::memory_order_relaxed); }

sync_clock& address_clocks::get_locked(std::uintptr_t address) {
  changes_locked(address);
  if (sync_clock* found = find_locked(address)) return *found;
  stripe& s = stripe_of(address);
  auto* c = ::new (object_pool<addressed_cell>::allocate()) addressed_cell{address, {}, s.first};
  s.first = c;
  return c->clock;
}

address_clocks::address_clocks(std::uintptr_t address) : address_(address) { lock(address); }
address_clocks::~address_clocks() { unlock(address_); }
sync_clock* address_clocks::find() const { return find_locked(address_); }
sync_clock& address_clocks::get() { return get_locked(address_); }

void address_clocks::forget(std::uintptr_t start, std::uintptr_t end) {
  for (std::uintptr_t granule = start & ~std::uintptr_t{7}; granule < end; granule += 8) {
    stripe& s = stripe_of(granule);
    if (s.first == nullptr) continue;  // nobody may release to memory whose life ends
    locked hold(s.lock);
    s.count_change();
    for (addressed_cell** at = &s.first; *at != nullptr;) {
      addressed_cell* c = *at;
      if (c->address >= start && c->address < end) {
        *at = c->next;
        c->~addressed_cell();
        object_pool<addressed_cell>::free(c);
      } else {
        at = &c->next;
      }
    }
  }
}

}  // namespace ravel::detector
