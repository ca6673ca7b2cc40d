#include "detector/shadow/goroutine_table.hpp"

#include <cstring>

#include "detector/base/invariant.hpp"
#include "detector/base/reserved_memory.hpp"
#include "detector/base/spin_lock.hpp"
#include "detector/clock/chain_pool.hpp"

namespace ravel::detector {

namespace {
constexpr std::size_t most_goroutines = std::size_t{1} << 31;
constinit reserved_array<goroutine_record> records;
constinit reserved_array<std::uint8_t> marks;
constinit spin_lock lock;
constinit goroutine_index fresh = 1;
constinit goroutine_index free_records = 0;  // a list through parent_id

goroutine_index take() {
  locked hold(lock);
  if (free_records != 0) {
    const goroutine_index i = free_records;
    free_records = static_cast<goroutine_index>(records[i].parent_id);
    return i;
  }
  RAVEL_INVARIANT(fresh < most_goroutines);
  return fresh++;
}

constexpr std::uint8_t free_mark = 0xFF;
}  // namespace

void goroutine_table::reserve() {
  records.reserve(most_goroutines);
  marks.reserve(most_goroutines);
}

goroutine_index goroutine_table::add(std::uint64_t id, std::uint64_t parent_id, stack_id created_at, const char* name, chain_id chain) {
  const goroutine_index i = take();
  goroutine_record& r = records[i];
  r = {id, parent_id, created_at, 0, false, {}, chain};
  if (name != nullptr) std::strncpy(r.name, name, sizeof r.name - 1);
  __atomic_store_n(&marks[i], 0, __ATOMIC_RELEASE);
  return i;
}

void goroutine_table::finish(goroutine_index i, std::uint32_t collection) {
  records[i].finished = true;
  __atomic_store_n(&records[i].finished_in, collection + 1, __ATOMIC_RELEASE);
}

goroutine_record& goroutine_table::at(goroutine_index i) { return records[i]; }

void goroutine_table::mark(goroutine_index i, std::uint8_t epoch) {
  if (__atomic_load_n(&marks[i], __ATOMIC_RELAXED) != epoch) __atomic_store_n(&marks[i], epoch, __ATOMIC_RELAXED);
}

void goroutine_table::sweep(std::uint8_t epoch, std::uint32_t began) {
  goroutine_index end;
  {
    locked hold(lock);
    end = fresh;
  }
  for (goroutine_index i = 1; i < end; ++i) {
    const std::uint8_t seen = __atomic_load_n(&marks[i], __ATOMIC_ACQUIRE);
    if (seen == epoch || seen == free_mark) continue;
    const std::uint32_t finished_in = __atomic_load_n(&records[i].finished_in, __ATOMIC_ACQUIRE);
    if (finished_in == 0 || finished_in > began) continue;
    __atomic_store_n(&marks[i], free_mark, __ATOMIC_RELAXED);
    chain_pool::let_go(records[i].chain);
    locked hold(lock);
    records[i].parent_id = free_records;
    free_records = i;
  }
}

}  // namespace ravel::detector
