#pragma once
// A block's lock for one access: kept by this thread since an access before (shadow/kept_blocks), or taken.
//
// A thread keeps the lock of a block that it has taken twice before with no other block of the same place in its table in between: it goes
// over that block, or comes back to it. What is met once or twice, as the nodes of a large table, costs no more than the lock.

#include "detector/race/thread_state.hpp"
#include "detector/shadow/kept_blocks.hpp"
#include "detector/shadow/shadow_map.hpp"

namespace ravel::detector {

// As kept_block::value, which no word ever has (block_numbers): the block was met that many times.
inline constexpr std::uint32_t met_once = 0xFFFFFFF0, met_twice = met_once + 1;

[[gnu::always_inline]] inline kept_block& kept_block_for(const std::uint32_t* word) {
  return this_thread.kept[(reinterpret_cast<std::uintptr_t>(word) / sizeof(std::uint32_t)) % kept_blocks];
}

// The lock is kept: from now on this thread is busy with it. Else it is not. Within a signal handler that found the thread busy it is not
// looked for.
[[gnu::always_inline]] inline bool begin_kept(std::uint32_t* word) {
  const kept_block& k = kept_block_for(word);
  if (k.word != word) return false;
  thread_slot& slot = *this_thread.slot;
  if (slot.busy_with.load(std::memory_order_relaxed) != nullptr) return false;
  slot.busy_with.store(word, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == k.value) return true;
  slot.busy_with.store(nullptr, std::memory_order_release);
  return false;
}
[[gnu::always_inline]] inline void end_kept() { this_thread.slot->busy_with.store(nullptr, std::memory_order_release); }

// A slot of this thread has been claimed (recording_guard).
class held_block {
 public:
  enum known { is_not_kept };

  [[gnu::always_inline]] explicit held_block(std::uint32_t* word) : word_(word), kept_(begin_kept(word)) {
    if (!kept_) take();
  }
  [[gnu::always_inline]] held_block(std::uint32_t* word, known) : word_(word), kept_(false) { take(); }
  [[gnu::always_inline]] ~held_block() {
    if (kept_) end_kept();
    else unlock_block(word_, bits_);
  }
  held_block(const held_block&) = delete;
  held_block& operator=(const held_block&) = delete;

 private:
  [[gnu::always_inline]] void take() {
    if (this_thread.keeps_blocks && this_thread.slot->busy_with.load(std::memory_order_relaxed) == nullptr) keep_or_note();
    if (!kept_) bits_ = lock_block(word_);
  }
  [[gnu::always_inline]] void keep_or_note() {
    kept_block& k = kept_block_for(word_);
    if (k.word != word_) {
      if (k.value < met_once && k.word != nullptr) give_back(k);
      k = {word_, met_once};
      return;
    }
    if (k.value == met_once) {
      k.value = met_twice;
      return;
    }
    std::uint32_t free = __atomic_load_n(word_, __ATOMIC_RELAXED);
    if ((free & (block_locked | block_is_shared)) != 0) return;
    const std::uint32_t value = free | block_has_tags | block_locked | block_kept | this_thread.number << block_owner_shift;
    if (!__atomic_compare_exchange_n(word_, &free, value, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
    k.value = value;
    kept_ = begin_kept(word_);
  }
  [[gnu::always_inline]] static void give_back(const kept_block& k) {
    if (begin_kept(k.word)) {
      __atomic_store_n(k.word, k.value & (block_has_atomics | block_has_tags), __ATOMIC_RELEASE);
      end_kept();
    }
  }

  std::uint32_t* word_;
  std::uint32_t bits_ = 0;
  bool kept_;
};

}  // namespace ravel::detector
