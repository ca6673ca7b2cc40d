#pragma once
// One remembered access: who, when, where, which bytes. Immutable once a history holds it.

#include <cstdint>

#include "detector/clock/clock_trie.hpp"
#include "detector/shadow/tag.hpp"

namespace ravel::detector {

using stack_id = std::uint32_t;            // stack_depot; 0: empty
using goroutine_index = std::uint32_t;     // goroutine_table
using lock_set_id = std::uint32_t;         // lock_sets; 0: no locks

// How an access conflicts: two accesses of the same byte by unordered goroutines are a race when their kinds conflict.
enum class access_class : std::uint8_t { plain_write, atomic_write, plain_read, atomic_read };
inline constexpr int access_classes = 4;

constexpr bool is_write(access_class c) { return c == access_class::plain_write || c == access_class::atomic_write; }
constexpr bool is_atomic(access_class c) { return c == access_class::atomic_write || c == access_class::atomic_read; }
constexpr bool conflict(access_class a, access_class b) { return (is_write(a) || is_write(b)) && !(is_atomic(a) && is_atomic(b)); }

// May `later`, ordered after `earlier`, stand for it? Only if every class that conflicts with the earlier one conflicts with the later
// one too: then whoever races with the earlier access races with the later one, or is ordered after both.
constexpr bool subsumes(access_class later, access_class earlier) {
  for (int c = 0; c < access_classes; ++c) {
    const auto other = static_cast<access_class>(c);
    if (conflict(earlier, other) && !conflict(later, other)) return false;
  }
  return true;
}

// What the access was for people; the checks only look at access_class.
enum class access_nature : std::uint8_t { memory, free, channel_send, channel_close, wait_group_add, wait_group_wait };

struct access_record {
  chain_id chain;
  clock_time time;
  const ravel_site* site;  // null for accesses by the runtime or by libraries: the stack says it all
  stack_id stack;          // callers, innermost first
  goroutine_index goroutine;
  lock_set_id locks;
  std::uint8_t bytes;      // mask within the granule
  access_class kind;
  access_nature nature;
  bool own_thread_local;   // a variable of the OS thread that made the access and runs any goroutine
};
static_assert(sizeof(access_record) == 32);

}  // namespace ravel::detector
