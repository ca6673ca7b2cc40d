// Compiled for general registers only: the cold entry points run it between values that instrumented code holds in vector registers.

#include "detector/shadow/access_points.hpp"

#include "detector/base/spin_lock.hpp"
#include "detector/shadow/indexed_pool.hpp"
#include "detector/shadow/lock_sets.hpp"

namespace ravel::detector {

constinit access_point access_points::points_[most]{};

namespace {

constexpr std::uint32_t buckets = 2 * access_points::most;

// An open hash table of ids; the free ones are a list through `next_free`.
constinit spin_lock lock;
constinit std::uint16_t table[buckets]{};
constinit std::uint8_t marks[access_points::most]{};  // 0: free, else the epoch that last saw it
constinit std::uint16_t next_free[access_points::most]{};
constinit point_id first_free = 0;
constinit point_id fresh = 1;

// Points met lately by this thread; id 0: there was no name for it.
struct recent_point { std::uint64_t key; std::uint32_t collection; point_id id; };
constexpr std::size_t recent_points = 512;
__thread recent_point recent[recent_points] __attribute__((tls_model("initial-exec")));

std::uint64_t key_of(const access_record& r) {
  std::uint64_t h = reinterpret_cast<std::uintptr_t>(r.site) ^ std::uint64_t{r.stack} << 32;
  h = (h ^ h >> 29) * 0x9E3779B97F4A7C15ull;
  h ^= std::uint64_t{r.locks} << 16 | static_cast<std::uint32_t>(r.kind) << 8 | static_cast<std::uint32_t>(r.nature) << 1 | r.own_thread_local;
  return (h ^ h >> 31) * 0xD6E8FEB86659FD93ull;
}

bool same(const access_point& p, const access_record& r) {
  return p.site == r.site && p.stack == r.stack && p.locks == r.locks && p.kind == r.kind && p.nature == r.nature &&
         p.own_thread_local == r.own_thread_local;
}

constexpr std::uint32_t bucket_of(std::uint64_t key) { return static_cast<std::uint32_t>(key >> 49); }
static_assert(buckets == 1u << (64 - 49));

void keep(point_id id) {
  const std::uint8_t epoch = collection_epoch.load(std::memory_order_relaxed);
  if (__atomic_load_n(&marks[id], __ATOMIC_RELAXED) != epoch) __atomic_store_n(&marks[id], epoch, __ATOMIC_RELAXED);
}

point_id find_or_make(const access_record& r, std::uint64_t key, access_point* points) {
  locked hold(lock);
  std::uint32_t i = bucket_of(key);
  for (; table[i] != 0; i = (i + 1) % buckets) {
    if (same(access_points::at(table[i]), r)) {
      keep(table[i]);
      return table[i];
    }
  }
  point_id id = first_free;
  if (id != 0) first_free = next_free[id];
  else if (fresh < access_points::most) id = fresh++;
  else return 0;
  points[id] = {r.site, r.stack, r.locks, r.kind, r.nature, r.own_thread_local};
  keep(id);
  table[i] = static_cast<std::uint16_t>(id);
  return id;
}

}  // namespace

point_id access_points::of(const access_record& r) {
  const std::uint64_t key = key_of(r);
  const std::uint32_t collection = collections.load(std::memory_order_acquire);
  recent_point& line = recent[key >> 55];
  if (line.key != key || line.collection != collection || !(line.id == 0 || same(points_[line.id], r))) {
    line = {key, collection, find_or_make(r, key, points_)};
  } else if (line.id != 0) {
    keep(line.id);
  }
  return line.id;
}
static_assert(recent_points == 1u << (64 - 55));

void access_points::mark(point_id id, std::uint8_t epoch) { __atomic_store_n(&marks[id], epoch, __ATOMIC_RELAXED); }

void access_points::sweep(std::uint8_t epoch) {
  locked hold(lock);
  for (std::uint16_t& entry : table) entry = 0;
  for (point_id id = 1; id < fresh; ++id) {
    if (marks[id] == 0) continue;
    if (marks[id] != epoch) {
      marks[id] = 0;
      next_free[id] = static_cast<std::uint16_t>(first_free);
      first_free = id;
      continue;
    }
    const access_point& p = points_[id];
    lock_sets::mark(p.locks, epoch);
    std::uint32_t i = bucket_of(key_of({0, 0, p.site, p.stack, 0, p.locks, 0, p.kind, p.nature, p.own_thread_local}));
    while (table[i] != 0) i = (i + 1) % buckets;
    table[i] = static_cast<std::uint16_t>(id);
  }
}

}  // namespace ravel::detector
