#pragma once
// Immutable access histories: what the detector remembers of a granule.
//
// A history is two persistent lists of the records that nothing later stands for: writes (plain, atomic) and reads. It is named by its
// newest record, its head: the head's `next` goes on in its own list, its `other` begins the other list. Lists share tails, so a thousand
// readers cost a thousand nodes, not a million; and the commonest history, one write, is one node.
// A record covers the bytes in its mask; in one list a byte may appear in several records (concurrent readers).
//
// Histories are owned by the segment that made them and named (segment, state) in tags. Only the goroutine of a segment adds to it;
// anybody may read a history whose tag he saw under the block lock.

#include <cstdint>

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
inline constexpr std::uint32_t states_per_segment = 1u << 15;
// Everything in this history happens before, or in, the newest record: whoever knows the tag's segment knows it all.
inline constexpr std::uint32_t state_is_ordered = 1u << 15;

// A state of a segment. `writes` is found from the head too; here it spares most reads a look at the node.
struct state_slot { std::uint32_t head; std::uint32_t writes; };  // 0: empty

// Two neighbouring cache lines hold what most transitions ask of a segment.
struct alignas(128) segment {
  static constexpr std::uint32_t few = 11;
  static constexpr int chunks = 8;  // of 16, 64, ... 16 << 14 states

  chain_id chain;
  clock_time time;
  goroutine_index goroutine;
  std::uint32_t count;         // states made; written by the owner alone
  state_slot first[few];
  state_slot** more;           // directory of chunks, null while `first` suffices
  std::uint8_t born;           // collection epoch at birth; 0: the id is free
  segment_id next_free;
};
static_assert(sizeof(segment) == 128);

class segment_table {
 public:
  static void reserve();
  static segment& at(segment_id s) { return table_[s]; }

  static segment_id begin(chain_id chain, clock_time time, goroutine_index g);

  // By reference: the collector clears it.
  static state_slot& slot(segment& s, std::uint32_t state) {
    if (__builtin_expect(state < segment::few, 1)) return s.first[state];
    return slot_beyond(s, state);
  }
  static std::uint32_t add(segment& s, state_slot made);  // returns the state; count < states_per_segment required

  static state_slot of(tag_word t) { return t == 0 ? state_slot{0, 0} : slot(at(segment_of(t)), state_of(t) & (states_per_segment - 1)); }

  // For the collector alone.
  static segment_id end();
  static void free(segment_id s);

 private:
  static state_slot& slot_beyond(segment& s, std::uint32_t state);

  static reserved_array<segment> table_;
};

void reserve_histories();

}  // namespace ravel::detector
