#include "detector/shadow/shadow_map.hpp"

#include "detector/base/reserved_memory.hpp"
#include "detector/base/spin_lock.hpp"

namespace ravel::detector {

namespace {
// Above this, giving pages back to the kernel is cheaper than writing zeros, and frees memory.
constexpr std::size_t discard_from = 64 << 10;
}  // namespace

RAVEL_COLD std::uint32_t lock_block_slowly(std::uint32_t* word) {
  for (int spins = 0;; ++spins) {
    std::uint32_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
    if ((seen & block_locked) == 0 &&
        __atomic_compare_exchange_n(word, &seen, seen | block_locked, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
      return seen;
    }
    if (spins < 100) __builtin_ia32_pause();
    else spin_lock::yield_thread();
  }
}

void map_shadow() {
  for (const address_window& w : windows) {
    reserve_memory_at(w.low + static_cast<std::uintptr_t>(RAVEL_SHADOW_OFFSET), w.high - w.low);
    reserve_memory_at(block_words_base + (w.low >> 6), (w.high - w.low) >> 6);
  }
}

namespace {

void reset_block(std::uintptr_t start) {
  std::uint32_t* const word = block_word(start);
  if ((__atomic_load_n(word, __ATOMIC_RELAXED) & block_has_tags) == 0) return;
  const std::uint32_t bits = lock_block(word);
  tag_word* const tags = tag_address(start);
  for (std::size_t i = 0; i < block_size / granule_size; ++i) store_tag(tags + i, 0);
  __atomic_store_n(word, bits & ~block_has_tags, __ATOMIC_RELEASE);
}

}  // namespace

void reset_sparse_shadow(std::uintptr_t start, std::size_t size) {
  if (!is_shadowed(start)) return;
  const std::uintptr_t end = start + size;
  for (std::uintptr_t line = start & ~(line_of_words - 1); line < end; line += line_of_words) {
    if (!any_has_tags(line)) continue;
    for (std::uintptr_t block = line < start ? start : line; block < end && block < line + line_of_words; block += block_size) reset_block(block);
  }
}

void reset_shadow(std::uintptr_t start, std::size_t size) {
  if (size == 0 || !is_shadowed(start)) return;
  tag_word* t = tag_address(start);
  tag_word* end = tag_address(start + size + granule_size - 1);
  if (size >= discard_from) {
    auto up = [](tag_word* p) { return (reinterpret_cast<std::uintptr_t>(p) + page_size - 1) & ~(page_size - 1); };
    const std::uintptr_t first = up(t), last = reinterpret_cast<std::uintptr_t>(end) & ~(page_size - 1);
    for (; reinterpret_cast<std::uintptr_t>(t) < first; ++t) store_tag(t, 0);
    discard_memory(reinterpret_cast<void*>(first), last - first);
    t = reinterpret_cast<tag_word*>(last);
  }
  // Reading first: a page of shadow that was never written stays the kernel's shared zero page.
  for (; t < end; ++t) {
    if (load_tag(t) != 0) store_tag(t, 0);
  }
}

}  // namespace ravel::detector
