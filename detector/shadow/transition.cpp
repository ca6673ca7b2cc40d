// Compiled for general registers only: the cold entry points run it between values that instrumented code holds in vector registers.

#include "detector/shadow/transition.hpp"

#include "detector/shadow/short_step.hpp"

namespace ravel::detector {

__thread recent_pair pairs_made[recent_pairs];

namespace {

bool mine(const access_record& r, const access_record& access) { return r.chain == access.chain && r.time == access.time; }

// The same program point in the same stretch: records that differ only in the bytes are one record.
bool same_point(const access_record& r, const access_record& access) {
  return mine(r, access) && r.site == access.site && r.stack == access.stack && r.locks == access.locks && r.nature == access.nature &&
         r.kind == access.kind && r.own_thread_local == access.own_thread_local;
}

bool same_record(const access_record& a, const access_record& b) { return same_point(a, b) && a.bytes == b.bytes && a.goroutine == b.goroutine; }

// Nodes made lately, so that equal histories of one segment become one, whatever way they came about: a loop over an array with a thousand
// pasts makes as many states as there are different ones.
// A node found here is alive: every node that a segment makes is part of a state of it, the states of a present segment survive each
// collection, and ids are reused by collections only.
struct recent_node { std::uint32_t check; std::uint32_t index; std::uint32_t collection; };
constexpr std::size_t recent_nodes = 8192;
__thread recent_node recent[recent_nodes] __attribute__((tls_model("initial-exec")));

std::uint64_t mix(const access_record& r, std::uint32_t next, std::uint32_t other, segment_id segment) {
  std::uint64_t h = reinterpret_cast<std::uintptr_t>(r.site) ^ (std::uint64_t{r.stack} << 32 | segment);
  h = (h ^ h >> 29) * 0x9E3779B97F4A7C15ull;
  h ^= (std::uint64_t{next} << 32 | other) + (std::uint64_t{r.bytes} << 24 | static_cast<std::uint32_t>(r.kind) << 8 | static_cast<std::uint32_t>(r.nature));
  h ^= std::uint64_t{r.locks} << 17 ^ std::uint64_t{r.time} << 40 ^ std::uint64_t{r.own_thread_local} << 63;
  return (h ^ h >> 31) * 0xD6E8FEB86659FD93ull;
}

constexpr std::uint32_t no_state = 0xFFFFFFFF;

std::uint32_t find_or_make(const access_record& r, std::uint32_t next, std::uint32_t other, segment_id current, bool cleaned) {
  const std::uint64_t h = mix(r, next, other, current);
  recent_node& line = recent[h >> 51];
  const auto check = static_cast<std::uint32_t>(h);
  const std::uint32_t collection = collections.load(std::memory_order_relaxed);
  if (line.check == check && line.index != 0 && line.collection == collection) {
    const history_node& n = node_pool::at(line.index);
    if (n.segment == current && n.next == next && n.other == other && same_record(n.record, r)) return line.index;
  }
  const std::uint32_t index = node_pool::allocate();
  history_node& n = node_pool::at(index);
  n.record = r;
  n.next = next;
  n.other = other;
  n.length = next == 0 ? 1 : node_pool::at(next).length + 1;
  n.cleaned = cleaned || next == 0 ? n.length : node_pool::at(next).cleaned;
  n.segment = current;
  n.state = no_state;
  line = {check, index, collection};
  return index;
}
static_assert(recent_nodes == 1u << (64 - 51));

// The lists of a history of any kind; what a tag alone said is written out as nodes.
history_lists written_out(tag_word t, segment_id current) {
  if (t == 0) return {0, 0};
  history_lists lists{0, 0};
  const auto add = [&](tag_word record) {
    const access_record r = only_record(record);
    std::uint32_t& list = is_write(r.kind) ? lists.writes : lists.reads;
    list = find_or_make(r, list, 0, current, true);
  };
  if (names_point(t)) {
    add(t);
    return lists;
  }
  const state_slot& s = segment_table::of(t);
  if (s.head != 0) return lists_of(s.head);
  add(s.older);
  add(newer_of_pair(t, s));
  return lists;
}

// Of a thread-local variable, one made by a pointer from another thread if there is one: what took turns on one thread is no race.
const access_record* find_conflict(std::uint32_t head, const access_record& access, const vector_clock& clock) {
  const access_record* took_turns = nullptr;
  for (std::uint32_t i = head; i != 0; i = node_pool::at(i).next) {
    const access_record& r = node_pool::at(i).record;
    if ((r.bytes & access.bytes) == 0 || !conflict(r.kind, access.kind) || clock.knows(r.chain, r.time)) continue;
    if (!r.own_thread_local) return &r;
    if (took_turns == nullptr) took_turns = &r;
  }
  return took_turns;
}

// How far lists are searched for my own records. Beyond it a record may be added twice, which the next cleaning undoes.
constexpr int search_limit = 64;

struct own_bytes { byte_mask covered = 0, written = 0, seen = 0; };

void find_own(std::uint32_t head, const access_record& access, own_bytes& own) {
  int steps = 0;
  for (std::uint32_t i = head; i != 0 && steps < search_limit; i = node_pool::at(i).next, ++steps) {
    const access_record& r = node_pool::at(i).record;
    if (!mine(r, access)) continue;
    if (subsumes(r.kind, access.kind)) own.covered |= r.bytes;
    if (r.kind == access_class::plain_write) own.written |= r.bytes;
    if (!is_atomic(r.kind)) own.seen |= r.bytes;
  }
}

// A list that others go on adding to is looked through for records to drop while it is short, and then each time its length has doubled
// since: constant cost each. A plain write, which everything before it is dropped for, looks through it in any case.
bool worth_cleaning(std::uint32_t head, access_class by) {
  if (head == 0) return false;
  const history_node& n = node_pool::at(head);
  return by == access_class::plain_write || n.length <= 8 || n.length >= 2 * n.cleaned;
}

// `head` without the bytes of records that `added` stands for. Shares the list where nothing changes. Bytes of a record made at the same
// program point are taken over into `joined`. What my own earlier records stand for is not in `added`: those stay.
std::uint32_t without_subsumed(std::uint32_t head, const access_record& added, const vector_clock& clock, segment_id current, byte_mask& joined) {
  auto remaining = [&](const access_record& r) -> byte_mask {
    if (same_point(r, added)) return 0;
    return (r.bytes & added.bytes) != 0 && subsumes(added.kind, r.kind) && clock.knows(r.chain, r.time) ? r.bytes & ~added.bytes : r.bytes;
  };
  // What lies behind the last change stays as it is; the changes are mostly near the front, where the newest are.
  constexpr std::uint32_t most_in_front = 64;
  std::uint32_t rest = 0, count = 0, last_change = 0;
  bool changes = false;
  for (std::uint32_t i = head; i != 0; i = node_pool::at(i).next, ++count) {
    const history_node& n = node_pool::at(i);
    if (remaining(n.record) == n.record.bytes) continue;
    changes = true;
    last_change = count;
    rest = n.next;
  }
  if (!changes) return head;
  std::uint32_t in_front[most_in_front];
  std::uint32_t kept = last_change < most_in_front ? rest : 0, i = head;
  const std::uint32_t end = last_change < most_in_front ? last_change + 1 : count;
  // A long list is made anew in pieces, each of which comes out in its order.
  for (std::uint32_t done = 0; done < end;) {
    std::uint32_t n = 0;
    for (; n < most_in_front && done < end; ++done, i = node_pool::at(i).next) in_front[n++] = i;
    while (n != 0) {
      access_record r = node_pool::at(in_front[--n]).record;
      if (same_point(r, added)) joined |= r.bytes;
      r.bytes = static_cast<std::uint8_t>(remaining(r));
      if (r.bytes != 0) kept = find_or_make(r, kept, 0, current, true);
    }
  }
  return kept;
}

// How far a history is looked through to find that it is ordered; what is not found out is only slower.
constexpr int known_limit = 8;

bool all_known(std::uint32_t head, const vector_clock& clock) {
  int steps = 0;
  for (std::uint32_t i = head; i != 0; i = node_pool::at(i).next) {
    const access_record& r = node_pool::at(i).record;
    if (++steps > known_limit || !clock.knows(r.chain, r.time)) return false;
  }
  return true;
}

// Reads of data that many read come in every order, of each granule in another. Lists that hold the same get one shape, so that there are
// as many states as there are sets of readers, not as many as orders: a few that every thread remembers, instead of thousands that
// it has to look up. Only short lists: a long one that is made anew for each reader costs its length each time.
constexpr std::size_t arranged = 8;

// What one goroutine did in one stretch keeps the order it did it in: each further place of its own is then one more node in front, where
// the lists would else be made anew each time. Of bytes that many read at many places that is most of the work.
bool comes_before(const access_record& a, const access_record& b) { return a.chain != b.chain ? a.chain < b.chain : a.time < b.time; }

// Whether a list has the shape already, with `first` in front of it, and was made by this segment, as all() would make it.
bool is_arranged(const access_record* first, std::uint32_t head, segment_id current) {
  if (head != 0 && node_pool::at(head).segment != current) return false;
  std::size_t count = first != nullptr;
  for (std::uint32_t i = head; i != 0; i = node_pool::at(i).next) {
    const access_record& r = node_pool::at(i).record;
    if (++count > arranged || (first != nullptr && comes_before(*first, r))) return false;
    first = &r;
  }
  return true;
}

class arrangement {
 public:
  // False: too many.
  bool add_all(std::uint32_t head) {
    for (std::uint32_t i = head; i != 0; i = node_pool::at(i).next) {
      if (count_ == arranged) return false;
      add(node_pool::at(i).record);
    }
    return true;
  }
  bool has_room() const { return count_ < arranged; }
  void add(const access_record& r) {
    std::size_t at = count_++;
    for (; at != 0 && comes_before(r, *records_[at - 1]); --at) records_[at] = records_[at - 1];
    records_[at] = &r;
  }
  std::uint32_t all_but_last(segment_id current) const {
    std::uint32_t head = 0;
    for (std::size_t i = 0; i + 1 < count_; ++i) head = find_or_make(*records_[i], head, 0, current, true);
    return head;
  }
  std::uint32_t all(segment_id current) const { return count_ == 0 ? 0 : find_or_make(last(), all_but_last(current), 0, current, true); }
  const access_record& last() const { return *records_[count_ - 1]; }

 private:
  const access_record* records_[arranged];
  std::size_t count_ = 0;
};

tag_word list_tag(const access_record& newest, std::uint32_t next, std::uint32_t other, segment_id current, segment& s, bool cleaned) {
  const std::uint32_t head = find_or_make(newest, next, other, current, cleaned);
  history_node& n = node_pool::at(head);
  if (n.state == no_state) n.state = segment_table::add(s, {0, head, 0, 0, 0});
  return make_tag(current, n.state, 0, 0);
}

tag_word read_tag(const access_record& added, const history_lists& after, segment_id current, segment& s, bool cleaned) {
  if (is_arranged(&added, after.reads, current) && is_arranged(nullptr, after.writes, current)) {
    return list_tag(added, after.reads, after.writes, current, s, true);
  }
  arrangement reads, writes;
  if (!reads.add_all(after.reads) || !reads.has_room() || !writes.add_all(after.writes)) {
    return list_tag(added, after.reads, after.writes, current, s, cleaned);
  }
  reads.add(added);
  return list_tag(reads.last(), reads.all_but_last(current), writes.all(current), current, s, true);
}

}  // namespace

transition_result transition(tag_word old, const access_record& access, const vector_clock& clock, segment_id current) {
  segment& s = segment_table::at(current);
  if (s.count == states_per_segment) return {old, false, 0, true, 0, false, {}};

  const point_id point = is_atomic(access.kind) ? 0 : access_points::of(access);
  if (point != 0) {
    const tag_word after = short_step<true>(old, access.kind == access_class::plain_write, access.bytes, point, clock, current);
    if (after != 0) return {after, false, 0, false, point, false, {}};
  }

  // Is all that was here before known to me? Often the tag alone says so.
  bool ordered = old == 0;
  if (old != 0 && (state_of(old) & state_is_ordered) != 0 && segment_of(old) != current) {
    const segment& last = segment_table::at(segment_of(old));
    // Not an alias of my present segment: then nothing here is of my present time, which nobody else knows yet.
    ordered = clock.knows(last.chain, last.time) && (last.chain != access.chain || last.time != access.time);
  }

  const history_lists before = written_out(old, current);
  if (ordered && access.bytes == all_bytes && access.kind == access_class::plain_read) {
    // Of an ordered past it leaves the writes.
    return {list_tag(access, 0, before.writes, current, s, true) | tag_word{state_is_ordered} << 16 | all_bytes, false, 0, false, 0, false, {}};
  }
  const access_record* racing = nullptr;
  own_bytes own;
  if (!ordered) {
    racing = find_conflict(before.writes, access, clock);
    if ((racing == nullptr || racing->own_thread_local) && is_write(access.kind)) {
      const access_record* read = find_conflict(before.reads, access, clock);
      if (racing == nullptr || (read != nullptr && !read->own_thread_local)) racing = read;
    }
    find_own(before.writes, access, own);
    find_own(before.reads, access, own);
  }
  const access_record conflict = racing == nullptr ? access_record{} : *racing;
  byte_mask written = own.written, seen = own.seen;  // what the new tag says of this segment
  if (old != 0 && segment_of(old) == current) {
    written = (old >> 8) & 0xFF;
    seen = old & 0xFF;
  }
  if (access.kind == access_class::plain_write) written |= access.bytes;
  if (!is_atomic(access.kind)) seen |= access.bytes;

  if ((access.bytes & ~own.covered) == 0) {
    // A tag that names a point has its bytes from the record alone.
    const tag_word same = segment_of(old) == current && !names_point(old) ? make_tag(current, state_of(old), written, seen) : old;
    return {same, true, own.covered, false, 0, racing != nullptr, conflict};
  }

  history_lists after = before;
  byte_mask joined = 0;
  const bool write = is_write(access.kind);
  const bool clean_writes = write && worth_cleaning(before.writes, access.kind), clean_reads = worth_cleaning(before.reads, access.kind);
  access_record added = access;
  added.bytes = static_cast<std::uint8_t>(access.bytes & ~own.covered);
  if (clean_writes) after.writes = without_subsumed(before.writes, added, clock, current, joined);
  if (clean_reads) after.reads = without_subsumed(before.reads, added, clock, current, joined);
  added.bytes = static_cast<std::uint8_t>(added.bytes | joined);
  if (after.writes == 0 && after.reads == 0 && point != 0) {
    return {point_tag(current, point, write ? added.bytes << 8 | added.bytes : added.bytes), false, 0, false, 0, racing != nullptr, conflict};
  }
  // In my own segment nothing was added that I do not know, unless others were concurrent before.
  if (!ordered && racing == nullptr) ordered = all_known(after.writes, clock) && all_known(after.reads, clock);
  const tag_word named = write ? list_tag(added, after.writes, after.reads, current, s, clean_writes) : read_tag(added, after, current, s, clean_reads);
  return {named | tag_word{ordered ? state_is_ordered : 0} << 16 | written << 8 | seen, false, 0, false, 0, racing != nullptr, conflict};
}

}  // namespace ravel::detector
