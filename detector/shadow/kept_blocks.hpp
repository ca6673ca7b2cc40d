#pragma once
// Block locks that their last holder keeps, so that to take one again costs him two plain stores instead of a locked instruction, which
// was more than half of a known step (a locked instruction waits for all stores before it).
//
// A kept lock is taken over like this. The keeper says in his slot which block he is busy with, and then looks whether the block's word
// is as he left it; who wants the block changes the word, makes every processor of this process pass a barrier (membarrier), and then
// waits for the keeper not to be busy with it. So either the keeper saw the changed word or the other sees that he is busy: Dekker's
// algorithm with the expensive half on the side that is rare (Dice, Huang, Yang, "Asymmetric Dekker Synchronization", 2001).
// A block that was taken over once is not kept again (block_is_shared): what goroutines hand to each other costs what it did.
//
// Invariants: a word with block_kept has block_locked too and names a keeper with a slot of his own. Only the keeper changes such a word
// by a plain store, when he gives it back, and only while busy with it; who takes it over writes his own number and looks again when
// the keeper is not busy any more, so such a store is not lost on him. Where the kernel has no membarrier nothing is kept.

#include <atomic>
#include <cstdint>

#include "runtime/abi/ravel_abi.h"

namespace ravel::detector {

// What other threads may need to know of one. Each of the first threads has a slot of its own; all later ones share the last.
struct alignas(64) thread_slot {
  std::atomic<std::uint32_t> inside{0};              // transitions in progress (collector)
  std::atomic<const std::uint32_t*> busy_with{nullptr};  // the word of a kept block that is in use
};
inline constexpr std::uint32_t thread_slots = 256;
extern thread_slot slot_table[thread_slots];

// Numbers of threads, from 0; those from thread_slots - 1 on keep no blocks.
RAVEL_COLD std::uint32_t thread_number() noexcept;
constexpr std::uint32_t slot_of(std::uint32_t number) { return number < thread_slots - 1 ? number : thread_slots - 1; }

// Beside the bits of shadow_map.hpp in a block's word.
inline constexpr std::uint32_t block_kept = 8;
inline constexpr std::uint32_t block_is_shared = 16;  // was kept, and somebody else wanted it
inline constexpr std::uint32_t block_owner_shift = 8;  // the keeper's number, or that of who takes over
inline constexpr std::uint32_t block_numbers = (1u << (32 - block_owner_shift)) - 1;

// Whether this kernel has what it takes. Set once at start.
extern bool blocks_are_kept;
void choose_block_keeping();

// What every running thread of the process did before it is visible, and what it does next sees what the caller did before.
RAVEL_COLD void heavy_barrier() noexcept;

// One turn of taking over the lock that `seen` says is kept. False: look at the word again.
RAVEL_COLD bool take_over_block(std::uint32_t* word, std::uint32_t seen) noexcept;

}  // namespace ravel::detector
