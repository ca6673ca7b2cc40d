// Compiled for general registers only: the cold entry points run it between values that instrumented code holds in vector registers.

#include "detector/shadow/history.hpp"

#include <bit>
#include <iterator>

#include "detector/base/object_pool.hpp"

namespace ravel::detector {

constinit std::atomic<std::uint8_t> collection_epoch{1};
constinit std::atomic<std::uint32_t> collections{0};

constinit reserved_array<segment> segment_table::table_{};

namespace {

constinit spin_lock lock;
constinit segment_id fresh_segment = 1;
constinit std::atomic<std::size_t> begun{0};

// A stack of free ids, apart from the segments: to follow a list through them would miss the cache once for each.
constinit reserved_array<segment_id> free_segments{};
constinit std::size_t free_count = 0;

// Freed by the collection in progress and not in the stack yet, so that it takes the lock once for many.
struct freed_segments { std::uint32_t count; segment_id id[1024]; };
constinit freed_segments just_freed{};

// Free ids at hand for this thread; the collector does not see them (born is 0).
struct spare_segments { std::uint32_t count; segment_id id[32]; };
__thread spare_segments spare __attribute__((tls_model("initial-exec")));

void take_more_segments() {
  locked hold(lock);
  while (spare.count < 32) {
    segment_id& id = spare.id[spare.count++];
    if (free_count != 0) {
      id = free_segments[--free_count];
    } else {
      RAVEL_INVARIANT(fresh_segment < most_segments);
      id = fresh_segment++;
    }
  }
  begun.fetch_add(32, std::memory_order_relaxed);
}

struct directory { state_slot* chunk[segment::chunks]; };

template <std::size_t Count>
struct block { state_slot state[Count]; };

state_slot* new_chunk(int k) {
  void* p = nullptr;
  switch (k) {
    case 0: p = object_pool<block<16>>::allocate(); break;
    case 1: p = object_pool<block<64>>::allocate(); break;
    case 2: p = object_pool<block<256>>::allocate(); break;
    case 3: p = object_pool<block<1024>>::allocate(); break;
    case 4: p = object_pool<block<4096>>::allocate(); break;
    default: RAVEL_INVARIANT(k == 5); p = object_pool<block<16384>>::allocate(); break;
  }
  return static_cast<state_slot*>(p);
}

void free_chunk(int k, state_slot* p) {
  void* v = p;
  switch (k) {
    case 0: object_pool<block<16>>::free(static_cast<block<16>*>(v)); break;
    case 1: object_pool<block<64>>::free(static_cast<block<64>*>(v)); break;
    case 2: object_pool<block<256>>::free(static_cast<block<256>*>(v)); break;
    case 3: object_pool<block<1024>>::free(static_cast<block<1024>*>(v)); break;
    case 4: object_pool<block<4096>>::free(static_cast<block<4096>*>(v)); break;
    default: object_pool<block<16384>>::free(static_cast<block<16384>*>(v)); break;
  }
}

}  // namespace

void segment_table::reserve() {
  table_.reserve(most_segments);
  free_segments.reserve(most_segments);
}

segment_id segment_table::begin(chain_id chain, clock_time time, goroutine_index g) {
  if (spare.count == 0) take_more_segments();
  const segment_id id = spare.id[--spare.count];
  if (spare.count != 0) __builtin_prefetch(&at(spare.id[spare.count - 1]), 1);  // not touched since a collection freed it
  segment& s = at(id);
  s.chain = chain;
  s.time = time;
  s.goroutine = g;
  s.count = 0;
  s.mark = 0;
  s.more = nullptr;
  __atomic_store_n(&s.born, collection_epoch.load(std::memory_order_relaxed), __ATOMIC_RELEASE);
  return id;
}

std::uint32_t segment_table::add(segment& s, state_slot made) {
  const std::uint32_t state = s.count;
  RAVEL_INVARIANT(state < states_per_segment);
  if (state >= segment::few) {
    const place p = place_of(state - segment::few);
    if (p.offset == 0) {
      if (s.more == nullptr) {
        auto* d = static_cast<directory*>(object_pool<directory>::allocate());
        for (state_slot*& chunk : d->chunk) chunk = nullptr;
        __atomic_store_n(&s.more, d->chunk, __ATOMIC_RELEASE);
      }
      s.more[p.chunk] = new_chunk(p.chunk);
    }
  }
  slot(s, state) = made;
  __atomic_store_n(&s.count, static_cast<std::uint16_t>(state + 1), __ATOMIC_RELEASE);
  return state;
}

std::size_t segment_table::begun_in_all() { return begun.load(std::memory_order_relaxed); }

segment_id segment_table::end() {
  locked hold(lock);
  return fresh_segment;
}

void segment_table::free(segment_id id) {
  segment& s = at(id);
  if (s.more != nullptr) {
    for (int k = 0; k < segment::chunks; ++k) {
      if (s.more[k] != nullptr) free_chunk(k, s.more[k]);
    }
    object_pool<directory>::free(reinterpret_cast<directory*>(s.more));
    s.more = nullptr;
  }
  __atomic_store_n(&s.born, 0, __ATOMIC_RELAXED);
  just_freed.id[just_freed.count++] = id;
  if (just_freed.count == std::size(just_freed.id)) publish_freed();
}

void segment_table::publish_freed() {
  locked hold(lock);
  while (just_freed.count != 0) free_segments[free_count++] = just_freed.id[--just_freed.count];
}

void reserve_histories() {
  node_pool::reserve();
  segment_table::reserve();
}

}  // namespace ravel::detector
