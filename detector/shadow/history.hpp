#pragma once
// Immutable access histories: what the detector remembers of a granule.
//
// A tag names one in one of three ways (state_of):
//   a point    one record: the segment's goroutine and time, that point, the tag's bytes. Needs no memory.
//   a pair     two records: one by the segment (a point and bytes, in a slot of the segment) and an older one that a tag of the first kind
//              names. A read after a write; writes of different bytes.
//   a list     anything else. A slot names the newest record, the head, of two persistent lists of the records that nothing later stands
//              for: writes (plain, atomic) and reads. The head's `next` goes on in its own list, its `other` begins the other list. Lists
//              share tails, so a thousand readers cost a thousand nodes, not a million.
// Most histories are of the first two kinds: a program that locks or hands over makes a new segment each time, and each of its first
// accesses to a granule a history. As nodes they cost 56 bytes and two cache lines each, and the collector as much again.
// A record covers the bytes in its mask; in one list a byte may appear in several records (concurrent readers).
//
// Histories are owned by the segment that made them and named (segment, state) in tags. Only the goroutine of a segment adds to it;
// anybody may read a history whose tag he saw under the block lock.

#include <cstddef>
#include <cstdint>

#include "detector/shadow/access_points.hpp"
#include "detector/shadow/access_record.hpp"
#include "detector/shadow/indexed_pool.hpp"

namespace ravel::detector {

struct history_node {
  access_record record;
  std::uint32_t next;    // 0: end of the list
  std::uint32_t other;   // of a head: the other list; of no meaning below a head
  std::uint32_t length;  // of the list from here
  std::uint32_t cleaned; // length of the list when it was last looked through for records to drop
  segment_id segment;    // that made this node as a head; no_segment: it is none
  std::uint32_t state;   // its name in that segment
};

static_assert(sizeof(history_node) == 56);

using node_pool = indexed_pool<history_node>;

// The two lists of the history with this head; 0, 0 for 0.
struct history_lists { std::uint32_t writes, reads; };
inline history_lists lists_of(std::uint32_t head) {
  if (head == 0) return {0, 0};
  const history_node& n = node_pool::at(head);
  return is_write(n.record.kind) ? history_lists{head, n.other} : history_lists{n.other, head};
}

// The state's number in a tag, and beside it one bit.
inline constexpr std::uint32_t states_per_segment = 1u << 14;
inline constexpr std::uint32_t state_is_point = 1u << 14;  // the rest is a point_id, not a state of the segment
static_assert(access_points::most == states_per_segment);
// Everything in this history happens before, or in, the newest record: whoever knows the tag's segment knows it all.
inline constexpr std::uint32_t state_is_ordered = 1u << 15;

// A state of a segment: a list, a pair, or (head and point 0) none any more.
struct state_slot {
  tag_word older;        // of a pair: the other record
  std::uint32_t head;    // of a list
  std::uint16_t point;   // of a pair
  std::uint8_t mark;     // of a pair: the collection epoch that last saw it
  std::uint8_t bytes;    // of a pair
};
static_assert(sizeof(state_slot) == 16);

// Two neighbouring cache lines hold what most transitions ask of a segment.
struct alignas(128) segment {
  static constexpr std::uint32_t few = 6;
  static constexpr int chunks = 6;  // of 16, 64, ... 16 << 10 states

  chain_id chain;
  clock_time time;
  goroutine_index goroutine;
  std::uint16_t count;         // states made; written by the owner alone
  std::uint8_t born;           // collection epoch at birth; 0: the id is free
  std::uint8_t mark;           // collection epoch in which a tag was seen to name it
  state_slot** more;           // directory of chunks, null while `first` suffices
  state_slot first[few];
};
static_assert(sizeof(segment) == 128);

constexpr bool names_point(tag_word t) { return (state_of(t) & state_is_point) != 0; }
constexpr point_id point_of_tag(tag_word t) { return state_of(t) & (access_points::most - 1); }

class segment_table {
 public:
  static void reserve();
  // What short_step.hpp uses is inlined always: a call would cost the cold entry points that inline it all their registers.
  [[gnu::always_inline]] static segment& at(segment_id s) { return table_[s]; }

  static segment_id begin(chain_id chain, clock_time time, goroutine_index g);

  // By reference: the collector clears it.
  [[gnu::always_inline]] static state_slot& slot(segment& s, std::uint32_t state) {
    if (__builtin_expect(state < segment::few, 1)) return s.first[state];
    const place p = place_of(state - segment::few);
    return s.more[p.chunk][p.offset];
  }
  // Returns the state; count < states_per_segment required.
  static std::uint32_t add(segment& s, state_slot made);
  [[gnu::always_inline]] static std::uint32_t add_first(segment& s, const state_slot& made) {  // count < few
    const std::uint32_t state = s.count;
    s.first[state] = made;
    __atomic_store_n(&s.count, static_cast<std::uint16_t>(state + 1), __ATOMIC_RELEASE);
    return state;
  }

  // Of a tag that names a pair or a list.
  [[gnu::always_inline]] static state_slot& of(tag_word t) { return slot(at(segment_of(t)), state_of(t) & (states_per_segment - 1)); }

  static std::size_t begun_in_all();

  // For the collector alone.
  static segment_id end();
  static void free(segment_id s);  // for good by the next publish_freed
  static void publish_freed();

 private:
  // State `few + n` lives in chunk k at offset o, where chunks hold 16, 64, 256, ... states.
  struct place { int chunk; std::uint32_t offset; };
  [[gnu::always_inline]] static constexpr place place_of(std::uint32_t n) {
    int k = 0;
    for (std::uint32_t size = 16; n >= size; size *= 4, ++k) n -= size;
    return {k, n};
  }

  static reserved_array<segment> table_;
};

// The only record of a history that is a point.
inline access_record only_record(tag_word t) {
  const segment& s = segment_table::at(segment_of(t));
  const access_point& p = access_points::at(point_of_tag(t));
  const byte_mask bytes = is_write(p.kind) ? (t >> 8) & 0xFF : t & 0xFF;
  return {s.chain, s.time, p.site, p.stack, s.goroutine, p.locks, static_cast<std::uint8_t>(bytes), p.kind, p.nature, p.own_thread_local};
}

// A tag that names one record: `bytes` as a tag has them, of a read once, of a write twice.
[[gnu::always_inline]] inline tag_word point_tag(segment_id segment, point_id point, tag_word bytes) {
  return make_tag(segment, point | state_is_point | state_is_ordered, 0, 0) | bytes;
}

// The newer record of a pair, as a tag that names it alone.
[[gnu::always_inline]] inline tag_word newer_of_pair(tag_word t, const state_slot& slot) {
  const bool write = is_write(access_points::at(slot.point).kind);
  return point_tag(segment_of(t), slot.point, write ? slot.bytes << 8 | slot.bytes : slot.bytes);
}

void reserve_histories();

}  // namespace ravel::detector
