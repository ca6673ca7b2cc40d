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

namespace {

// By 64-byte line, so that the cells of one object share a stripe and freeing a block visits each stripe once per line.
constexpr std::size_t stripes = 1 << 14;
struct stripe { spin_lock lock; addressed_cell* first = nullptr; };
constinit stripe table[stripes]{};

stripe& stripe_of(std::uintptr_t address) {
  const std::uint64_t h = (address >> 6) * 0x9E3779B97F4A7C15ull;
  return table[h >> (64 - 14)];
}

}  // namespace

void address_clocks::lock(std::uintptr_t address) { stripe_of(address).lock.lock(); }
void address_clocks::unlock(std::uintptr_t address) { stripe_of(address).lock.unlock(); }

sync_clock* address_clocks::find_locked(std::uintptr_t address) {
  for (addressed_cell* c = stripe_of(address).first; c != nullptr; c = c->next) {
    if (c->address == address) return &c->clock;
  }
  return nullptr;
}

sync_clock& address_clocks::get_locked(std::uintptr_t address) {
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
  for (std::uintptr_t line = start & ~std::uintptr_t{63}; line < end; line += 64) {
    stripe& s = stripe_of(line);
    locked hold(s.lock);
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
