#include "detector/shadow/stack_depot.hpp"

#include <atomic>

#include "detector/shadow/hash_index.hpp"

namespace ravel::detector {

namespace {

struct depot_node { std::uintptr_t address; stack_id parent; };

constexpr std::size_t most_nodes = std::size_t{1} << 30;
constinit reserved_array<depot_node> nodes;
constinit std::atomic<stack_id> next_node{1};
constinit hash_index children;  // (address, parent) -> node
constinit hash_index contexts;  // calling-context value -> stack

std::uint64_t child_key(std::uintptr_t address, stack_id parent) {
  // Addresses have 47 bits; the mix keeps (address, parent) pairs apart with 64-bit certainty.
  return (address * 0x9E3779B97F4A7C15ull) ^ (std::uint64_t{parent} * 0xC2B2AE3D27D4EB4Full) ^ (std::uint64_t{parent} << 47);
}

}  // namespace

void stack_depot::reserve() { nodes.reserve(most_nodes); }

stack_id stack_depot::intern(const std::uintptr_t* frames, std::size_t count) {
  stack_id stack = 0;
  for (std::size_t i = count; i-- > 0;) {
    const std::uintptr_t address = frames[i];
    const stack_id parent = stack;
    stack = children.find_or_make(child_key(address, parent), [&] {
      const stack_id id = next_node.fetch_add(1, std::memory_order_relaxed);
      RAVEL_INVARIANT(id < most_nodes);
      nodes[id] = {address, parent};
      return id;
    });
  }
  return stack;
}

std::size_t stack_depot::frames(stack_id id, std::uintptr_t* out, std::size_t room) {
  std::size_t n = 0;
  for (; id != 0; id = nodes[id].parent, ++n) {
    if (n < room) out[n] = nodes[id].address;
  }
  return n;
}

stack_id stack_depot::find_context(std::uint64_t context) { return contexts.find(context); }

void stack_depot::remember_context(std::uint64_t context, stack_id id) {
  contexts.find_or_make(context, [&] { return id; });
}

}  // namespace ravel::detector
