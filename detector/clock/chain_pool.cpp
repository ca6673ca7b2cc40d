#include "detector/clock/chain_pool.hpp"

#include <utility>

#include "detector/base/invariant.hpp"
#include "detector/base/reserved_memory.hpp"
#include "detector/base/spin_lock.hpp"

namespace ravel::detector {

namespace {

struct retired {
  chain_id chain;
  clock_time significant;  // who knows this time knows all the chain did
  clock_time last;
};

// A stack, newest last: children of a parent that has just joined a generation find that generation on top. Only the top few are
// tried, so that creating a goroutine costs the same whatever lies below.
constexpr std::uint32_t tries = 8;
constexpr std::size_t most_chains = std::size_t{1} << 31;

constexpr clock_time nearly_worn_out = 0xF0000000;

spin_lock lock;
reserved_array<retired> stack;
reserved_array<retired> numbered;  // chain 0: in use, or never used
std::uint32_t depth = 0;
chain_id next_chain = 1;  // 0 is never used: an unset clock must not look like somebody's

}  // namespace

chain_start chain_pool::fresh() {
  locked hold(lock);
  RAVEL_INVARIANT(next_chain < most_chains);
  return {next_chain++, 1};
}

chain_start chain_pool::for_child_of(const vector_clock& parent) {
  {
    locked hold(lock);
    for (std::uint32_t i = 0; i < tries && i < depth; ++i) {
      const retired r = stack[depth - 1 - i];
      // Knowing only the last access would not do: what the chain acquired later and released would seem known, and was not inherited.
      if (!parent.knows(r.chain, r.significant)) continue;
      stack[depth - 1 - i] = stack[depth - 1];
      --depth;
      return {r.chain, r.last + 1};
    }
  }
  return fresh();
}

void chain_pool::retire(const vector_clock& finished, clock_time last_recorded) {
  if (finished.time() >= nearly_worn_out) return;
  locked hold(lock);
  if (stack.data() == nullptr) stack.reserve(most_chains);
  stack[depth++] = {finished.chain(), finished.last_significant(last_recorded), finished.time()};
}

chain_start chain_pool::for_numbered_child_of(const vector_clock& parent, std::uint32_t number) {
  {
    locked hold(lock);
    if (numbered.data() == nullptr) numbered.reserve(most_chains);
    retired& r = numbered[number];
    if (r.chain != 0 && parent.knows(r.chain, r.significant)) return {std::exchange(r.chain, 0u), r.last + 1};
  }
  return fresh();
}

void chain_pool::retire_numbered(const vector_clock& finished, clock_time last_recorded, std::uint32_t number) {
  if (finished.time() >= nearly_worn_out) return;
  locked hold(lock);
  numbered[number] = {finished.chain(), finished.last_significant(last_recorded), finished.time()};
}

}  // namespace ravel::detector
