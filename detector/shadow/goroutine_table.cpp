#include "detector/shadow/goroutine_table.hpp"

#include <atomic>
#include <cstring>

#include "detector/base/invariant.hpp"
#include "detector/base/reserved_memory.hpp"

namespace ravel::detector {

namespace {
constexpr std::size_t most_goroutines = std::size_t{1} << 31;
constinit reserved_array<goroutine_record> records;
constinit std::atomic<goroutine_index> next{1};
}  // namespace

void goroutine_table::reserve() { records.reserve(most_goroutines); }

goroutine_index goroutine_table::add(std::uint64_t id, std::uint64_t parent_id, stack_id created_at, const char* name) {
  const goroutine_index i = next.fetch_add(1, std::memory_order_relaxed);
  RAVEL_INVARIANT(i < most_goroutines);
  goroutine_record& r = records[i];
  r.id = id;
  r.parent_id = parent_id;
  r.created_at = created_at;
  if (name != nullptr) std::strncpy(r.name, name, sizeof r.name - 1);
  return i;
}

goroutine_record& goroutine_table::at(goroutine_index i) { return records[i]; }

}  // namespace ravel::detector
