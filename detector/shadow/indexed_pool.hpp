#pragma once
// Records named by a 32-bit index (never 0), reused when the collector gives them back. One pool per type.
//
// A thread allocates from its own small cache; the shared list is locked once per batch. Records are marked at allocation with the
// collector's present epoch, so what is made during a collection survives it.
// T has `std::uint8_t& mark(T&)` by argument-dependent lookup: 0 = free, else the epoch that last saw it.

#include <atomic>
#include <cstdint>

#include "detector/base/invariant.hpp"
#include "detector/base/reserved_memory.hpp"
#include "detector/base/spin_lock.hpp"
#include "detector/base/thread_cache.hpp"

namespace ravel::detector {

extern std::atomic<std::uint8_t> collection_epoch;  // 1 or 2: flips when a collection begins
extern std::atomic<std::uint32_t> collections;      // finished ones; grows before any id is reused

inline constexpr std::uint8_t traversed = 4;        // in a mark: the collector has followed this record

template <class T>
class indexed_pool {
 public:
  static constexpr std::size_t capacity = std::size_t{1} << 30;

  static void reserve() {
    records_.reserve(capacity);
    owner_.join();
  }

  static T& at(std::uint32_t index) { return records_[index]; }

  static std::uint32_t allocate() {
    cache& c = mine();
    if (c.count == 0) refill(c);
    const std::uint32_t index = c.index[--c.count];
    __atomic_store_n(&mark(records_[index]), collection_epoch.load(std::memory_order_relaxed), __ATOMIC_RELAXED);
    return index;
  }

  // For the collector alone: frees every record whose mark is neither 0 nor `keep`; returns how many live.
  static std::size_t sweep(std::uint8_t keep) {
    std::size_t live = 0;
    std::uint32_t end;
    {
      locked hold(lock_);
      end = fresh_;
    }
    for (std::uint32_t i = 1; i < end; ++i) {
      std::uint8_t& m = mark(records_[i]);
      const std::uint8_t seen = __atomic_load_n(&m, __ATOMIC_RELAXED);
      if (seen == 0) continue;
      if ((seen & 3) == keep) {
        ++live;
        continue;
      }
      __atomic_store_n(&m, 0, __ATOMIC_RELAXED);
      locked hold(lock_);
      *reinterpret_cast<std::uint32_t*>(&records_[i]) = free_;
      free_ = i;
    }
    return live;
  }

  static std::size_t allocated_in_all() { return allocations_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t batch = 64;
  struct cache { std::uint32_t count; std::uint32_t index[batch]; };
  static cache& mine() { static thread_local constinit cache c{0, {}}; return c; }

  static void refill(cache& c) {
    locked hold(lock_);
    for (; c.count < batch; ++c.count) {
      if (free_ != 0) {
        c.index[c.count] = free_;
        free_ = *reinterpret_cast<std::uint32_t*>(&records_[free_]);
      } else {
        RAVEL_INVARIANT(fresh_ < capacity);
        c.index[c.count] = fresh_++;
      }
    }
    allocations_.fetch_add(batch, std::memory_order_relaxed);
  }

  static void give_back() {
    cache& c = mine();
    locked hold(lock_);
    while (c.count != 0) {
      const std::uint32_t index = c.index[--c.count];
      *reinterpret_cast<std::uint32_t*>(&records_[index]) = free_;
      free_ = index;
    }
  }

  static inline constinit thread_cache_owner owner_{give_back};
  static inline constinit reserved_array<T> records_{};
  static inline constinit spin_lock lock_{};
  static inline constinit std::uint32_t free_ = 0;
  static inline constinit std::uint32_t fresh_ = 1;
  static inline constinit std::atomic<std::size_t> allocations_{0};
};

}  // namespace ravel::detector
