#pragma once
// Records named by a 32-bit index (never 0), reused when the collector gives them back. One pool per type.
//
// A thread allocates from its own small cache; the pool is locked once per batch. Records are marked at allocation with the collector's
// present epoch, so what is made during a collection survives it.
// Marks lie apart from the records (0 = free, 0xFF = in a thread's cache, else the epoch that last saw the record): neither the sweep nor
// the search for free records touches a record.

#include <atomic>
#include <cstdint>

#include "detector/base/invariant.hpp"
#include "detector/base/reserved_memory.hpp"
#include "detector/base/spin_lock.hpp"
#include "detector/base/thread_cache.hpp"

namespace ravel::detector {

extern std::atomic<std::uint8_t> collection_epoch;  // 1 or 2: flips when a collection begins
extern std::atomic<std::uint32_t> collections;      // begun and ended ones: grows when one begins, and again before it reuses any id

inline constexpr std::uint8_t traversed = 4;        // in a mark: the collector has followed this record

template <class T>
class indexed_pool {
 public:
  static constexpr std::size_t capacity = std::size_t{1} << 30;

  static void reserve() {
    records_.reserve(capacity);
    owner_.join();
    marks_.reserve(capacity);
  }

  static T& at(std::uint32_t index) { return records_[index]; }
  static std::uint8_t& mark(std::uint32_t index) { return marks_[index]; }

  static std::uint32_t allocate() {
    cache& c = mine();
    if (c.count == 0) refill(c);
    const std::uint32_t index = c.index[--c.count];
    __atomic_store_n(&marks_[index], collection_epoch.load(std::memory_order_relaxed), __ATOMIC_RELAXED);
    return index;
  }

  // For the collector alone: frees every record whose mark is not of epoch `keep`; returns how many live.
  static std::size_t sweep(std::uint8_t keep) {
    std::uint32_t end;
    {
      locked hold(lock_);
      end = fresh_;
    }
    std::size_t live = 0;
    for (std::uint32_t i = 1; i < end; ++i) {
      const std::uint8_t seen = __atomic_load_n(&marks_[i], __ATOMIC_RELAXED);
      const bool kept = seen == at_hand || (seen & 3) == keep;
      live += kept;
      // A free one may be taken meanwhile: it is only written when it was not free.
      if (!kept && seen != 0) __atomic_store_n(&marks_[i], 0, __ATOMIC_RELAXED);
    }
    locked hold(lock_);
    search_ = 1;
    return live;
  }

  static std::size_t allocated_in_all() { return allocations_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t batch = 64;
  struct cache { std::uint32_t count; std::uint32_t index[batch]; };
  static cache& mine() { static thread_local constinit cache c{0, {}}; return c; }

  static void refill(cache& c) {
    locked hold(lock_);
    while (c.count < batch) {
      while (search_ < fresh_ && __atomic_load_n(&marks_[search_], __ATOMIC_RELAXED) != 0) ++search_;
      if (search_ == fresh_) {
        RAVEL_INVARIANT(fresh_ < capacity);
        ++fresh_;
      }
      __atomic_store_n(&marks_[search_], at_hand, __ATOMIC_RELAXED);
      c.index[c.count++] = search_++;
    }
    allocations_.fetch_add(batch, std::memory_order_relaxed);
  }

  static void give_back() {
    cache& c = mine();
    locked hold(lock_);
    while (c.count != 0) {
      const std::uint32_t index = c.index[--c.count];
      __atomic_store_n(&marks_[index], 0, __ATOMIC_RELAXED);
      if (index < search_) search_ = index;
    }
  }

  static constexpr std::uint8_t at_hand = 0xFF;
  static inline constinit thread_cache_owner owner_{give_back};
  static inline constinit reserved_array<T> records_{};
  static inline constinit reserved_array<std::uint8_t> marks_{};
  static inline constinit spin_lock lock_{};
  static inline constinit std::uint32_t search_ = 1;  // below it nothing is free that the next sweep would not find
  static inline constinit std::uint32_t fresh_ = 1;
  static inline constinit std::atomic<std::size_t> allocations_{0};
};

}  // namespace ravel::detector
