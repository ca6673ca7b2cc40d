#pragma once
// The clock behind a synchronisation object: created at the first release, locked for each operation.

#include "detector/base/spin_lock.hpp"
#include "detector/clock/sync_clock.hpp"

namespace ravel::detector {

struct sync_cell {
  spin_lock lock;
  std::uint64_t learnt;  // grows each time somebody looks at the clock; no two cells ever have the same
  sync_clock clock;
};

sync_cell* new_sync_cell();
void free_sync_cell(sync_cell* cell);

// Clocks named by an address instead of an object: atomics, static guards, annotations, pthread objects. A stripe's lock covers its cells.
struct addressed_cell {
  std::uintptr_t address;
  sync_clock clock;
  addressed_cell* next;
};

class address_clocks {
 public:
  // Locks the stripe of `address`, for as long as the object lives.
  explicit address_clocks(std::uintptr_t address);
  ~address_clocks();
  address_clocks(const address_clocks&) = delete;
  address_clocks& operator=(const address_clocks&) = delete;

  sync_clock* find() const;   // null: never released to
  sync_clock& get();          // made when absent; about to change

  // The same lock held across a call boundary: an atomic instruction of user code runs between the two.
  static void lock(std::uintptr_t address) { stripe_of(address).lock.lock(); }
  static void unlock(std::uintptr_t address) { stripe_of(address).lock.unlock(); }
  static sync_clock* find_locked(std::uintptr_t address) {
    for (addressed_cell* c = stripe_of(address).first; c != nullptr; c = c->next) {
      if (c->address == address) return &c->clock;
    }
    return nullptr;
  }
  static sync_clock& get_locked(std::uintptr_t address);
  static void changes_locked(std::uintptr_t address) { stripe_of(address).count_change(); }  // what find_locked found is about to change

  // How many times a clock of the stripe has changed; `changing` while somebody has the lock. Equal before and after, and not `changing`:
  // nobody held the lock in between, or he changed no clock.
  static constexpr std::uint32_t changing = 0xFFFFFFFF;
  static std::uint32_t changes(std::uintptr_t address) {
    const stripe& s = stripe_of(address);
    return s.lock.is_locked() ? changing : s.changes.load(std::memory_order_acquire);
  }
  static std::uint32_t changes_while_locked(std::uintptr_t address);  // by the caller

  // For whoever keeps the order of operations: of the stripe, under its lock.
  static std::uint64_t& order_locked(std::uintptr_t address) { return stripe_of(address).order; }

  // Memory ends its life: forgets all clocks in [start, end).
  static void forget(std::uintptr_t start, std::uintptr_t end);

  struct stripe {
    spin_lock lock;
    std::atomic<std::uint32_t> changes{0};
    addressed_cell* first = nullptr;
    std::uint64_t order = 0;

    void count_change() {
      const std::uint32_t next = changes.load(std::memory_order_relaxed) + 1;
      changes.store(next == changing ? 0 : next, std::memory_order_relaxed);
    }
  };
  // By granule: atomics beside each other are mostly used by different goroutines.
  static stripe& stripe_of(std::uintptr_t address) { return table_[(address >> 3) * 0x9E3779B97F4A7C15ull >> (64 - 14)]; }

 private:
  static constexpr std::size_t stripes = 1 << 14;
  static stripe table_[stripes];

  std::uintptr_t address_;
};

}  // namespace ravel::detector
