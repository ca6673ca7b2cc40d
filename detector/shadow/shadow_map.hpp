#pragma once
// Where the tags are, and who may change them.
//
// Two windows of the address space are described: where position-independent executables and brk live, and where mmap and stacks live,
// each as wide as 32 bits of address randomisation can spread it. Their images at RAVEL_SHADOW_OFFSET overlap neither each other nor
// them. Beside the tags there is one 32-bit word per 256 bytes of memory, whose lowest bit locks the tags of that block.
//
// Invariants: a tag changes only under its block's lock, except when memory changes hands inside malloc (nobody else may touch it
// then). The inline check reads tags without the lock: sound, because a tag that names my segment was put there by me, and whoever
// replaced it since has seen my access in the history he replaced.

#include <cstddef>
#include <cstdint>

#include "detector/shadow/tag.hpp"

namespace ravel::detector {

struct address_window { std::uintptr_t low, high; };
inline constexpr address_window windows[] = {{0x550000000000, 0x660000000000}, {0x6f0000000000, 0x800000000000}};

inline constexpr std::uintptr_t block_size = 256;
inline constexpr std::uintptr_t block_words_base = 0x260000000000;

inline tag_word* tag_address(std::uintptr_t p) {
  return reinterpret_cast<tag_word*>((p & ~(granule_size - 1)) + static_cast<std::uintptr_t>(RAVEL_SHADOW_OFFSET));
}
inline tag_word load_tag(const tag_word* t) { return __atomic_load_n(t, __ATOMIC_ACQUIRE); }  // before `collections`
inline void store_tag(tag_word* t, tag_word v) { __atomic_store_n(t, v, __ATOMIC_RELAXED); }

inline constexpr bool is_shadowed(std::uintptr_t p) {
  return (p >= windows[0].low && p < windows[0].high) || (p >= windows[1].low && p < windows[1].high);
}

inline std::uint32_t* block_word(std::uintptr_t p) { return reinterpret_cast<std::uint32_t*>(block_words_base + ((p >> 6) & ~std::uintptr_t{3})); }

inline constexpr std::uint32_t block_locked = 1;
inline constexpr std::uint32_t block_has_atomics = 2;  // some atomic in the block may have a clock: freeing it must drop that
inline constexpr std::uint32_t block_has_tags = 4;     // some tag of the block may have been written: the collector looks at no others

// Memory whose block words share a cache line: looked at together, sixteen blocks without tags cost as much as one.
inline constexpr std::uintptr_t line_of_words = 16 * block_size;
inline bool any_has_tags(std::uintptr_t line) {
  const std::uint32_t* const words = block_word(line);
  std::uint32_t all = 0;
  for (int i = 0; i < 16; ++i) all |= words[i];  // plain loads: only they are done four at a time
  return (all & block_has_tags) != 0;
}

RAVEL_COLD std::uint32_t lock_block_slowly(std::uint32_t* word);
inline std::uint32_t lock_block(std::uint32_t* word) {  // returns the other bits, which only the holder may change
  std::uint32_t free = __atomic_load_n(word, __ATOMIC_RELAXED) & ~block_locked;
  if (__builtin_expect(__atomic_compare_exchange_n(word, &free, free | block_locked, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED), 1)) {
    return free;
  }
  return lock_block_slowly(word);
}
inline void unlock_block(std::uint32_t* word, std::uint32_t bits) { __atomic_store_n(word, bits | block_has_tags, __ATOMIC_RELEASE); }

class held_block {
 public:
  [[gnu::always_inline]] explicit held_block(std::uint32_t* word) : word_(word), bits_(lock_block(word)) {}
  [[gnu::always_inline]] ~held_block() { unlock_block(word_, bits_); }
  held_block(const held_block&) = delete;
  held_block& operator=(const held_block&) = delete;

 private:
  std::uint32_t* word_;
  std::uint32_t bits_;
};

void map_shadow();  // once, before any access is checked

// Forgets all accesses to [start, start + size): the memory begins a new life.
void reset_shadow(std::uintptr_t start, std::size_t size);

// The same for memory of which little is used, as a stack: looks at the block words alone, and touches the tags of blocks that have any.
// [start, start + size) is whole blocks. Nobody may access it rightly meanwhile, but somebody may wrongly.
void reset_sparse_shadow(std::uintptr_t start, std::size_t size);

}  // namespace ravel::detector
