#pragma once
// A concurrent map from 64-bit keys to 32-bit values that only grows: open addressing in shards, each with its own lock for writing;
// reading takes no lock. Entries are never removed or changed.
//
// Invariant: a table is replaced by a larger copy, never changed in place except from empty to set (value before key), so a reader of
// an old table may miss an entry (he then asks under the lock) and never sees a wrong one.

#include <atomic>
#include <cstdint>

#include "detector/base/invariant.hpp"
#include "detector/base/reserved_memory.hpp"
#include "detector/base/spin_lock.hpp"

namespace ravel::detector {

class hash_index {
 public:
  // 0 when absent.
  std::uint32_t find(std::uint64_t key) const noexcept {
    if (key == 0) key = zero_key;
    const std::uint64_t h = hash(key);
    const table* t = shards_[h >> 58].current.load(std::memory_order_acquire);
    return t == nullptr ? 0 : lookup(*t, key, h);
  }

  // The value of key; when absent, made by make() under the shard's lock and kept.
  template <class Make>
  std::uint32_t find_or_make(std::uint64_t key, Make make) {
    if (const std::uint32_t found = find(key)) return found;
    if (key == 0) key = zero_key;
    const std::uint64_t h = hash(key);
    shard& s = shards_[h >> 58];
    locked hold(s.lock);
    table* t = s.current.load(std::memory_order_relaxed);
    if (t != nullptr) {
      if (const std::uint32_t found = lookup(*t, key, h)) return found;
    }
    if (t == nullptr || s.used * 4 >= t->capacity() * 3) t = grow(s, t);
    const std::uint32_t value = make();
    RAVEL_INVARIANT(value != 0);
    insert(*t, key, h, value);
    ++s.used;
    return value;
  }

 private:
  static constexpr std::uint64_t zero_key = 0x9E3779B97F4A7C15ull;
  static std::uint64_t hash(std::uint64_t k) noexcept {
    k ^= k >> 32;
    k *= 0xD6E8FEB86659FD93ull;
    k ^= k >> 32;
    return k * 0xD6E8FEB86659FD93ull;
  }

  struct entry { std::atomic<std::uint64_t> key; std::atomic<std::uint32_t> value; };
  struct table {
    std::uint64_t mask;
    std::uint64_t capacity() const { return mask + 1; }
    entry* entries() const { return reinterpret_cast<entry*>(const_cast<table*>(this) + 1); }
  };
  struct shard { spin_lock lock; std::uint64_t used = 0; std::atomic<table*> current{nullptr}; };

  static std::uint32_t lookup(const table& t, std::uint64_t key, std::uint64_t h) noexcept {
    for (std::uint64_t i = h & t.mask;; i = (i + 1) & t.mask) {
      const std::uint64_t k = t.entries()[i].key.load(std::memory_order_acquire);
      if (k == key) return t.entries()[i].value.load(std::memory_order_relaxed);
      if (k == 0) return 0;
    }
  }
  static void insert(table& t, std::uint64_t key, std::uint64_t h, std::uint32_t value) {
    std::uint64_t i = h & t.mask;
    while (t.entries()[i].key.load(std::memory_order_relaxed) != 0) i = (i + 1) & t.mask;
    t.entries()[i].value.store(value, std::memory_order_relaxed);
    t.entries()[i].key.store(key, std::memory_order_release);
  }
  table* grow(shard& s, table* old) {
    const std::uint64_t capacity = old == nullptr ? 64 : old->capacity() * 4;
    auto* t = static_cast<table*>(reserve_memory(sizeof(table) + capacity * sizeof(entry)));
    t->mask = capacity - 1;
    for (std::uint64_t i = 0; old != nullptr && i < old->capacity(); ++i) {
      const std::uint64_t k = old->entries()[i].key.load(std::memory_order_relaxed);
      if (k != 0) insert(*t, k, hash(k), old->entries()[i].value.load(std::memory_order_relaxed));
    }
    s.current.store(t, std::memory_order_release);  // the old table stays: somebody may be reading it
    return t;
  }

  shard shards_[64];
};

}  // namespace ravel::detector
