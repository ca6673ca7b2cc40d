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

// Chains are counted by groups, each a leaf of a clock. `uses`: of a group's chains, and one more until all of them are given out.
constexpr std::uint32_t group_bits = trie::leaf_bits, group_size = 1u << group_bits;
constexpr std::size_t most_groups = std::size_t{1} << (32 - group_bits);
constexpr std::uint32_t forgotten = 0xFFFFFFFF;  // for good
constexpr std::uint32_t few = 16;                // groups that are not worth forgetting
reserved_array<std::uint32_t> uses;              // written under lock
std::uint32_t made_groups = 0, unused_groups = 0, forgotten_groups = 0;
// Since then most groups are unused.
struct { bool is_set; std::uint32_t made, unused; } mark{};

std::uint32_t& uses_of(chain_id chain) { return uses[chain >> group_bits]; }
bool is_forgotten(std::uint32_t group) { return __atomic_load_n(&uses[group], __ATOMIC_ACQUIRE) == forgotten; }

void use_locked(chain_id chain) {
  if (uses_of(chain)++ == 0) --unused_groups;
}
void let_go_locked(chain_id chain) {
  RAVEL_INVARIANT(uses_of(chain) != 0 && uses_of(chain) != forgotten);
  if (--uses_of(chain) == 0) ++unused_groups;
}

}  // namespace

chain_start chain_pool::fresh() {
  locked hold(lock);
  RAVEL_INVARIANT(next_chain < most_chains);
  if (uses.data() == nullptr) uses.reserve(most_groups);
  const chain_id chain = next_chain++;
  if (chain >> group_bits == made_groups) {
    ++made_groups;
    uses_of(chain) = 1;
  }
  use_locked(chain);
  if (chain % group_size == group_size - 1) let_go_locked(chain);
  return {chain, 1};
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
      use_locked(r.chain);
      return {r.chain, r.last + 1};
    }
  }
  return fresh();
}

void chain_pool::retire(const vector_clock& finished, clock_time last_recorded) {
  if (finished.time() >= nearly_worn_out) return;
  locked hold(lock);
  if (has_forgotten(finished.chain())) return;
  if (stack.data() == nullptr) stack.reserve(most_chains);
  stack[depth++] = {finished.chain(), finished.last_significant(last_recorded), finished.time()};
}

chain_start chain_pool::for_numbered_child_of(const vector_clock& parent, std::uint32_t number) {
  {
    locked hold(lock);
    if (numbered.data() == nullptr) numbered.reserve(most_chains);
    retired& r = numbered[number];
    if (r.chain != 0 && !has_forgotten(r.chain) && parent.knows(r.chain, r.significant)) {
      use_locked(r.chain);
      return {std::exchange(r.chain, 0u), r.last + 1};
    }
  }
  return fresh();
}

void chain_pool::retire_numbered(const vector_clock& finished, clock_time last_recorded, std::uint32_t number) {
  if (finished.time() >= nearly_worn_out) return;
  locked hold(lock);
  numbered[number] = {finished.chain(), finished.last_significant(last_recorded), finished.time()};
}

void chain_pool::keep(chain_id chain) {
  locked hold(lock);
  RAVEL_INVARIANT(uses_of(chain) != 0 && uses_of(chain) != forgotten);
  use_locked(chain);
}

void chain_pool::let_go(chain_id chain) {
  locked hold(lock);
  let_go_locked(chain);
}

bool chain_pool::has_forgotten(chain_id chain) { return times_forgotten() != 0 && is_forgotten(chain >> group_bits); }

void chain_pool::forget_unused() {
  locked hold(lock);
  if (unused_groups < few + (made_groups - forgotten_groups - unused_groups)) {
    mark.is_set = false;
    return;
  }
  // A program that waits for the goroutines it makes finds their chains again. As many have to be made anew meanwhile, and numbers are finite.
  if (!mark.is_set) mark = {true, made_groups, unused_groups};
  if (made_groups - mark.made < mark.unused) return;
  for (std::uint32_t group = 0; group < made_groups; ++group) {
    if (uses[group] == 0) __atomic_store_n(&uses[group], forgotten, __ATOMIC_RELEASE);
  }
  forgotten_groups += unused_groups;
  unused_groups = 0;
  mark.is_set = false;
  std::uint32_t left = 0;
  for (std::uint32_t i = 0; i < depth; ++i) {
    if (!is_forgotten(stack[i].chain >> group_bits)) stack[left++] = stack[i];
  }
  depth = left;
  const std::uint16_t times = times_forgotten_.load(std::memory_order_relaxed);
  times_forgotten_.store(times == 0xFFFF ? 1 : static_cast<std::uint16_t>(times + 1), std::memory_order_release);  // 0: never
}

}  // namespace ravel::detector
