#include "detector/shadow/transition.hpp"

namespace ravel::detector {

namespace {

bool mine(const access_record& r, const access_record& access) { return r.chain == access.chain && r.time == access.time; }

// The same program point in the same stretch: records that differ only in the bytes are one record.
bool same_point(const access_record& r, const access_record& access) {
  return mine(r, access) && r.site == access.site && r.stack == access.stack && r.locks == access.locks && r.nature == access.nature;
}

std::uint32_t cons(const access_record& r, std::uint32_t next) {
  const std::uint32_t index = node_pool::allocate();
  history_node& n = node_pool::at(index);
  const std::uint8_t mark = n.record.mark;
  n.record = r;
  n.record.mark = mark;
  n.next = next;
  n.length = next == 0 ? 1 : node_pool::at(next).length + 1;
  return index;
}

const access_record* find_conflict(const history& h, const access_record& access, const vector_clock& clock) {
  for (int c = 0; c < access_classes; ++c) {
    if (!conflict(static_cast<access_class>(c), access.kind)) continue;
    for (std::uint32_t i = h.head[c]; i != 0; i = node_pool::at(i).next) {
      const access_record& r = node_pool::at(i).record;
      if ((r.bytes & access.bytes) != 0 && !clock.knows(r.chain, r.time)) return &r;
    }
  }
  return nullptr;
}

// How far lists are searched for my own records. Beyond it a record may be added twice, which the next cleaning undoes.
constexpr int search_limit = 64;

byte_mask own_bytes(const history& h, access_class c, const access_record& access) {
  byte_mask found = 0;
  int steps = 0;
  for (std::uint32_t i = h.head[static_cast<int>(c)]; i != 0 && steps < search_limit; i = node_pool::at(i).next, ++steps) {
    const access_record& r = node_pool::at(i).record;
    if (mine(r, access)) found |= r.bytes;
  }
  return found;
}

// A list of reads is scanned for records to drop while it is short, and then each time its length has doubled: constant cost each.
bool worth_cleaning(std::uint32_t head) {
  if (head == 0) return false;
  const std::uint32_t n = node_pool::at(head).length;
  return n <= 8 || (n & (n - 1)) == 0;
}

// `head` without the bytes of records that `access` stands for. Shares the list where nothing changes. Bytes of a record made at the same
// program point are taken over into `joined`.
std::uint32_t without_subsumed(std::uint32_t head, const access_record& access, const vector_clock& clock, bool same_class, byte_mask& joined) {
  auto remaining = [&](const access_record& r) -> byte_mask {
    if (same_class && same_point(r, access)) return 0;
    return (r.bytes & access.bytes) != 0 && clock.knows(r.chain, r.time) ? r.bytes & ~access.bytes : r.bytes;
  };
  bool changes = false;
  for (std::uint32_t i = head; i != 0 && !changes; i = node_pool::at(i).next) {
    const access_record& r = node_pool::at(i).record;
    changes = remaining(r) != r.bytes;
  }
  if (!changes) return head;
  std::uint32_t kept = 0;
  for (std::uint32_t i = head; i != 0; i = node_pool::at(i).next) {
    access_record r = node_pool::at(i).record;
    if (same_class && same_point(r, access)) joined |= r.bytes;
    r.bytes = static_cast<std::uint8_t>(remaining(r));
    if (r.bytes != 0) kept = cons(r, kept);
  }
  return kept;
}

// Overwriting a whole granule gives the same history whatever was there: found again by what made it, so that a loop over an array
// with a thousand pasts makes one state.
struct sole_cache_line {
  tag_word tag;
  const ravel_site* site;
  stack_id stack;
  lock_set_id locks;
  std::uint32_t bytes_kind_nature;
  std::uint32_t collection;
};
constexpr std::size_t sole_cache_size = 256;
thread_local constinit sole_cache_line sole_cache[sole_cache_size]{};

std::uint32_t shape(const access_record& a) {
  return a.bytes | static_cast<std::uint32_t>(a.kind) << 8 | static_cast<std::uint32_t>(a.nature) << 16;
}

sole_cache_line& sole_line(const access_record& a, segment_id current) {
  std::uint64_t h = reinterpret_cast<std::uintptr_t>(a.site) ^ (std::uint64_t{a.stack} << 20) ^ shape(a) ^ (std::uint64_t{current} << 32);
  h *= 0x9E3779B97F4A7C15ull;
  return sole_cache[h >> 56];
}

}  // namespace

transition_result transition(tag_word old, const access_record& access, const vector_clock& clock, segment_id current) {
  static constexpr history nothing{};
  const history& h = old == 0 ? nothing : segment_table::of(old);
  const access_record* racing = old == 0 ? nullptr : find_conflict(h, access, clock);

  byte_mask covered = 0;
  byte_mask written = 0, seen = 0;  // what the new tag says of this segment
  if (old != 0) {
    for (int c = 0; c < access_classes; ++c) {
      if (subsumes(static_cast<access_class>(c), access.kind)) covered |= own_bytes(h, static_cast<access_class>(c), access);
    }
    if (segment_of(old) == current) {
      written = (old >> 8) & 0xFF;
      seen = old & 0xFF;
    } else {
      written = own_bytes(h, access_class::plain_write, access);
      seen = written | own_bytes(h, access_class::plain_read, access);
    }
  }
  if (access.kind == access_class::plain_write) written |= access.bytes;
  if (!is_atomic(access.kind)) seen |= access.bytes;

  if ((access.bytes & ~covered) == 0) {
    const tag_word same = segment_of(old) == current ? make_tag(current, state_of(old), written, seen) : old;
    return {same, false, racing};
  }

  history next{};
  byte_mask joined = 0;
  bool sole = true;
  for (int c = 0; c < access_classes; ++c) {
    next.head[c] = h.head[c];
    const auto other = static_cast<access_class>(c);
    if (h.head[c] == 0) continue;
    if (subsumes(access.kind, other) && (is_write(access.kind) || worth_cleaning(h.head[c]))) {
      next.head[c] = without_subsumed(h.head[c], access, clock, other == access.kind, joined);
    }
    sole &= next.head[c] == 0;
  }

  access_record added = access;
  added.bytes = static_cast<std::uint8_t>((access.bytes & ~covered) | joined);

  segment& s = segment_table::at(current);
  const std::uint32_t collection = collections.load(std::memory_order_relaxed);
  sole_cache_line* line = nullptr;
  if (sole) {
    line = &sole_line(added, current);
    if (segment_of(line->tag) == current && line->site == added.site && line->stack == added.stack && line->locks == added.locks &&
        line->bytes_kind_nature == shape(added) && line->collection == collection) {
      return {make_tag(current, state_of(line->tag), written, seen), false, racing};
    }
  }
  if (s.count == states_per_segment) return {old, true, nullptr};

  const int own = static_cast<int>(access.kind);
  next.head[own] = cons(added, next.head[own]);
  const std::uint32_t index = history_pool::allocate();
  history& made = history_pool::at(index);
  for (int c = 0; c < access_classes; ++c) made.head[c] = next.head[c];
  const tag_word tag = make_tag(current, segment_table::add(s, index), written, seen);
  if (line != nullptr) *line = {tag, added.site, added.stack, added.locks, shape(added), collection};
  return {tag, false, racing};
}

}  // namespace ravel::detector
