#pragma once
// What the detector keeps per OS thread. Detector code never parks, so within one call the thread stays the same; nothing here may be
// kept across a call that can park.

#include <atomic>

#include "detector/shadow/access_record.hpp"
#include "detector/shadow/indexed_pool.hpp"

namespace ravel::detector {

struct goroutine_state;
struct thread_record;

// A known step of the rule: with this old tag, at this point, in the segment of the new tag, the new tag is that.
// Valid while the segment is present: what a goroutine knows only grows within it, so "no race" stays true.
struct memo_line {
  tag_word old_tag;
  tag_word new_tag;
  std::uint64_t point;       // point_of site, calling context and locks held
  std::uint32_t shape;       // bytes | access_class << 8 | access_nature << 16
  std::uint32_t generation;  // collections so far: they reuse tags
};

inline constexpr std::size_t memo_lines = 1024;

// In this segment, these bytes of a granule with this tag need no new record for an access of that class. Unlike a memo line it holds at
// every point of the program, and of data that several goroutines read there are few tags.
struct covered_line {
  tag_word tag;
  segment_id segment;
  std::uint32_t collection;
  std::uint8_t bytes[access_classes];
};
inline constexpr std::size_t covered_lines = 2048;

// What the present segment has learnt from the clock of an atomic's address, when the address had changed that many times.
struct learnt_line {
  std::uintptr_t not_address;  // the address, inverted: else the search for lost goroutines would take it for a variable that leads there
  segment_id segment;
  std::uint32_t collection;
  std::uint32_t changes;
  bool acquired;  // else only for an acquire fence to come
};
inline constexpr std::size_t learnt_lines = 64;

// The short name of a point, as far as this thread has met it since the last collection began or ended.
struct named_point {
  std::uint64_t point;
  std::uint32_t collection;
  segment_id segment;  // that made a step there last
  std::uint16_t id;
  access_class kind;
  access_nature nature;
};
inline constexpr std::size_t named_points = 512;

// The stack that belongs to a calling context, as far as this thread has met it.
struct known_stack { std::uint64_t context; stack_id stack; };
inline constexpr std::size_t known_stacks = 256;

// A race found while a block was locked, reported once it is not.
struct pending_race {
  bool present;
  std::uint32_t size;
  std::uintptr_t address;
  access_record current;
  access_record previous;
};

struct thread_state {
  goroutine_state* self;
  lock_set_id self_locks;    // of the goroutine that runs here: part of what a memo line must match
  bool ignoring;             // that goroutine is inside race::ignore_scope
  bool scheduling;           // no goroutine runs here, the scheduler does: what it does is no event, what it calls is not checked
  bool inside;               // in detector code that may allocate: the heap functions then only allocate
  bool shares_slot;          // with other threads
  bool chores;               // a race is pending or a collection due: to be seen to when no block is locked
  std::atomic<std::uint32_t>* slot;  // of this thread in the collector's table; null: none yet
  std::uintptr_t locals;     // where thread-local variables lie, of a thread that runs any goroutine
  std::size_t locals_size;   // 0: not known, or a thread of the program, which is one goroutine
  bool is_born;              // `thread` has given its clock to the goroutine of this thread
  thread_record* thread;     // of a thread that the program made with pthread_create
  pending_race pending;
  known_stack stacks[known_stacks];
  covered_line covered[covered_lines];
  named_point named[named_points];
  learnt_line learnt[learnt_lines];
  memo_line memo[memo_lines];
};

extern __thread thread_state this_thread __attribute__((tls_model("initial-exec")));

[[gnu::always_inline]] inline bool is_thread_local(std::uintptr_t address) { return address - this_thread.locals < this_thread.locals_size; }

// A hash of 64 bits, like the calling context itself: two points that are taken for one would change what a report says, not a verdict.
[[gnu::always_inline]] inline std::uint64_t point_of(const ravel_site* site, std::uint64_t context, lock_set_id locks, std::uintptr_t address) {
  const std::uint64_t kind_of_memory = is_thread_local(address) ? 0xB5AD4ECEDA1CE2A9ull : 0;
  return (reinterpret_cast<std::uintptr_t>(site) ^ kind_of_memory ^ (context + locks) * 0x9E3779B97F4A7C15ull) * 0xD6E8FEB86659FD93ull;
}

inline std::uint32_t shape_of(byte_mask bytes, access_class kind, access_nature nature = access_nature::memory) {
  return bytes | static_cast<std::uint32_t>(kind) << 8 | static_cast<std::uint32_t>(nature) << 16;
}

[[gnu::always_inline]] inline memo_line& memo_line_for(tag_word tag, std::uint64_t point, std::uint32_t shape) {
  const std::uint64_t h = ((tag >> 16) ^ point ^ shape) * 0x9E3779B97F4A7C15ull;
  return this_thread.memo[h >> 54];
}

[[gnu::always_inline]] inline bool is_known(const memo_line& m, tag_word tag, std::uint64_t point, std::uint32_t shape, tag_word current) {
  return m.old_tag == tag && m.point == point && m.shape == shape && segment_of(m.new_tag) == segment_of(current) &&
         m.generation == collections.load(std::memory_order_acquire);
}

[[gnu::always_inline]] inline covered_line& covered_line_for(tag_word tag) {
  return this_thread.covered[tag * 0x9E3779B97F4A7C15ull >> 53];
}
static_assert(covered_lines == 1u << (64 - 53));

// The tag was read once, without the lock: the line says what such an access makes of it, which is nothing.
[[gnu::always_inline]] inline bool is_covered(tag_word tag, byte_mask bytes, access_class kind, tag_word current) {
  const covered_line& c = covered_line_for(tag);
  return c.tag == tag && (bytes & ~c.bytes[static_cast<int>(kind)]) == 0 && c.segment == segment_of(current) &&
         c.collection == collections.load(std::memory_order_acquire);
}

[[gnu::always_inline]] inline void remember_covered(tag_word tag, byte_mask bytes, access_class kind, segment_id segment, std::uint32_t collection) {
  covered_line& c = covered_line_for(tag);
  if (c.tag != tag || c.segment != segment || c.collection != collection) c = {tag, segment, collection, {}};
  c.bytes[static_cast<int>(kind)] |= static_cast<std::uint8_t>(bytes);
}

[[gnu::always_inline]] inline named_point& named_point_for(std::uint64_t point, access_class kind) {
  return this_thread.named[(point + static_cast<std::uint64_t>(kind)) * 0x9E3779B97F4A7C15ull >> 55];
}
static_assert(named_points == 1u << (64 - 55));

[[gnu::always_inline]] inline learnt_line& learnt_line_for(std::uintptr_t address) {
  return this_thread.learnt[(address >> 3) * 0x9E3779B97F4A7C15ull >> 58];
}
static_assert(learnt_lines == 1u << (64 - 58));

[[gnu::always_inline]] inline known_stack& known_stack_for(std::uint64_t context) {
  return this_thread.stacks[(context * 0x9E3779B97F4A7C15ull) >> 56];
}
static_assert(known_stacks == 1u << (64 - 56));

static_assert(memo_lines == 1u << (64 - 54));

// Allocations between construction and destruction are the detector's own.
class inside_detector {
 public:
  inside_detector() noexcept : before_(this_thread.inside) { this_thread.inside = true; }
  ~inside_detector() { this_thread.inside = before_; }
  inside_detector(const inside_detector&) = delete;
  inside_detector& operator=(const inside_detector&) = delete;

 private:
  bool before_;
};

}  // namespace ravel::detector
