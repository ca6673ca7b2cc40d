#include "detector/check/lock_order.hpp"

#include <algorithm>
#include <vector>

#include "detector/base/reserved_memory.hpp"
#include "detector/base/spin_lock.hpp"
#include "detector/check/describe.hpp"
#include "detector/check/held_locks.hpp"
#include "detector/clock/chain_pool.hpp"
#include "detector/race/listener.hpp"
#include "detector/race/race_report.hpp"
#include "detector/race/locate.hpp"
#include "detector/race/thread_state.hpp"
#include "detector/shadow/goroutine_table.hpp"

namespace ravel::detector {

namespace {

struct edge {
  const void* from;
  const void* to;
  bool from_shared, to_shared;
  lock_set_id before;          // all that was held when `to` was wanted
  lock_set_id after;           // with `to`
  goroutine_index goroutine;
  std::uint64_t goroutine_id;
  kept_chain chain;            // when: what comes after it knows this time of this chain
  clock_time time;
  vector_clock known;          // before the first lock
  bool known_is_kept;
  std::uint64_t number;        // counts edges
};

constexpr std::size_t most_lock_sets = std::size_t{1} << 30;
constexpr std::size_t most_edges = 1 << 14;        // beyond: programs that make locks without end; old edges stay
constexpr std::size_t most_alike = 4;              // goroutines that are remembered for one pair of locks
constexpr std::size_t longest_circle = 8;

constinit reserved_array<std::uint64_t> last_seen;  // by lock set: the goroutine that was seen with it last, and `forgotten` then
constinit std::atomic<std::uint32_t> forgotten{0};  // counts forget_lock_order
constinit spin_lock table_lock;                     // guards edges and recursions

std::vector<edge>& edges() {
  static auto& all = *new std::vector<edge>;
  return all;
}
std::vector<edge>& recursions() {  // read locks taken twice: from == to
  static auto& all = *new std::vector<edge>;
  return all;
}

bool share_a_gate(lock_set_id a, lock_set_id b) {
  for (; a != 0; a = lock_sets::at(a).others) {
    const held_lock_record& mine = lock_sets::at(a);
    const held_lock_record* other = held(b, mine.lock);
    if (other != nullptr && !(mine.shared && other->shared)) return true;
  }
  return false;
}

// Could the two critical sections have met?
bool may_meet(const edge& a, const edge& b) {
  if (a.goroutine_id == b.goroutine_id || share_a_gate(a.before, b.before)) return false;
  const edge& later = a.number > b.number ? a : b;  // the earlier one cannot know of it
  const edge& earlier = a.number > b.number ? b : a;
  return later.known_is_kept && !later.known.knows(earlier.chain, earlier.time);
}

bool fits(const std::vector<const edge*>& path, const edge& next) {
  const edge& last = *path.back();
  if (last.to != next.from || (last.to_shared && next.from_shared)) return false;
  return std::all_of(path.begin(), path.end(), [&](const edge* e) { return may_meet(next, *e); });
}

bool find_circle(const std::vector<edge>& all, std::vector<const edge*>& path) {
  const edge& first = *path.front();
  if (path.size() > 1 && path.back()->to == first.from && !(path.back()->to_shared && first.from_shared)) return true;
  if (path.size() == longest_circle) return false;
  for (const edge& e : all) {
    if (std::find(path.begin(), path.end(), &e) != path.end() || !fits(path, e)) continue;
    path.push_back(&e);
    if (find_circle(all, path)) return true;
    path.pop_back();
  }
  return false;
}

report::party party_of_edge(const edge& e, const char* doing) {
  const auto& wanted = *held(e.after, e.to);
  return {readable_goroutine(e.goroutine), doing + (" the lock at " + hex_address(e.to)) + " while it held the one at " + hex_address(e.from),
          readable_stack(wanted.acquired_at), readable_locks(e.before)};
}

void report_circle(const std::vector<edge>& circle) {
  report::misuse m;
  m.id = "M07";
  m.title = "locks taken in different orders";
  m.why = "each goroutine took a lock that the next one holds when it wants the first one's: in a schedule in which all have their first lock, none "
          "gets its second. Nothing but these locks orders them, and no lock is common to them all.";
  for (const edge& e : circle) {
    m.parties.push_back(party_of_edge(e, "took"));
    m.objects.push_back(object_of(e.to, hooks::wait_reason::mutex_lock));
    m.objects.back().what = m.parties.back().locks.empty() ? "lock" : m.parties.back().locks.front().kind;
  }
  submit_misuse(report::finding_kind::lock_order, std::move(m));
}

void report_recursion(const edge& reader, const goroutine_state& writer, const held_lock_record& writes) {
  report::misuse m;
  m.id = "M06";
  m.title = "read lock taken twice by one goroutine while another writes";
  m.parties.push_back(party_of_edge(reader, "took for reading"));
  m.parties.back().doing = "took the rw_mutex at " + hex_address(reader.to) + " for reading, which it had for reading already";
  m.parties.push_back(party_of(writer, "took it for writing", writes.acquired_at, writer.locks));
  m.objects.push_back(object_of(reader.to, hooks::wait_reason::rw_mutex_lock));
  m.why = "a writer that comes between the two read locks lets no new reader in and waits for the first read lock to go: then neither can go on. "
          "Nothing orders the writer and the reader.";
  submit_misuse(report::finding_kind::lock_order, std::move(m));
}

edge make_edge(goroutine_state& g, const held_lock_record& from, const held_lock_record& to) {
  static std::uint64_t edges_made = 0;  // table_lock
  g.last_recorded = g.clock.begin_recording();
  return {from.lock, to.lock, from.shared, to.shared, to.others, g.locks, g.index, goroutine_table::at(g.index).id,
          kept_chain(g.clock.chain()), g.last_recorded, g.before_locks, g.before_locks_known, ++edges_made};
}

bool is_known(const void* from, const void* to, std::uint64_t goroutine_id, lock_set_id after) {
  std::size_t alike = 0;
  for (const edge& k : edges()) {
    if (k.from != from || k.to != to) continue;
    if (k.goroutine_id == goroutine_id && k.after == after) return true;
    if (++alike == most_alike) return true;
  }
  return edges().size() >= most_edges;
}

}  // namespace

void reserve_lock_order() { last_seen.reserve(most_lock_sets); }

void note_nested_lock(goroutine_state& g, const void* lock, bool shared, bool waited) {
  locks_nest.store(true, std::memory_order_relaxed);
  const std::uint64_t mine = std::uint64_t{forgotten.load(std::memory_order_relaxed)} << 32 | g.index;
  std::uint64_t& last = last_seen[g.locks];
  if (!waited || __atomic_load_n(&last, __ATOMIC_RELAXED) == mine) return;
  __atomic_store_n(&last, mine, __ATOMIC_RELAXED);
  const inside_detector guard;
  if (is_handed_over(lock)) return;
  const held_lock_record& to = lock_sets::at(g.locks);
  std::vector<std::vector<edge>> circles;
  {
    const locked hold(table_lock);
    for (lock_set_id id = to.others; id != 0; id = lock_sets::at(id).others) {
      const held_lock_record& from = lock_sets::at(id);
      if (from.lock == lock) {
        if (shared && from.shared && recursions().size() < most_edges) recursions().push_back(make_edge(g, from, to));
        continue;
      }
      // Asked first: an edge copies a clock, and most are known.
      if (is_handed_over(from.lock) || is_known(from.lock, lock, goroutine_table::at(g.index).id, g.locks)) continue;
      edges().push_back(make_edge(g, from, to));
      std::vector<const edge*> path{&edges().back()};
      if (!find_circle(edges(), path)) continue;
      circles.emplace_back();
      for (const edge* p : path) circles.back().push_back(*p);
    }
  }
  for (const auto& c : circles) report_circle(c);
}

void note_write_lock(goroutine_state& g, const void* lock) {
  const inside_detector guard;
  std::vector<edge> found;
  {
    const locked hold(table_lock);
    for (const edge& r : recursions()) {
      if (r.to == lock && r.goroutine_id != goroutine_table::at(g.index).id && g.before_locks_known && !g.before_locks.knows(r.chain, r.time) &&
          !share_a_gate(r.before, lock_sets::at(g.locks).others)) {
        found.push_back(r);
      }
    }
  }
  const held_lock_record* writes = held(g.locks, lock);
  for (const edge& r : found) {
    if (writes != nullptr && !is_handed_over(lock)) report_recursion(r, g, *writes);
  }
}

void mark_sets_of_lock_order(std::uint8_t epoch) {
  const inside_detector guard;
  const locked hold(table_lock);
  for (const auto* all : {&edges(), &recursions()}) {
    for (const edge& e : *all) {
      lock_sets::mark(e.before, epoch);
      lock_sets::mark(e.after, epoch);
    }
  }
}

void forget_set_of_lock_order(lock_set_id id) { __atomic_store_n(&last_seen[id], 0, __ATOMIC_RELAXED); }

void forget_all_lock_orders() {
  const inside_detector guard;
  const locked hold(table_lock);
  edges().clear();
  recursions().clear();
  forgotten.fetch_add(1, std::memory_order_relaxed);
}

void forget_lock_order(const void* lock) {
  const inside_detector guard;
  forget_handed_over(lock);
  const locked hold(table_lock);
  const auto about = [lock](const edge& e) { return e.from == lock || e.to == lock; };
  const std::size_t gone = std::erase_if(edges(), about) + std::erase_if(recursions(), about);
  if (gone != 0) forgotten.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace ravel::detector
