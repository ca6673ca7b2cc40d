#include "detector/shadow/kept_blocks.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "detector/base/invariant.hpp"
#include "detector/base/spin_lock.hpp"
#include "detector/shadow/shadow_map.hpp"

namespace ravel::detector {

constinit thread_slot slot_table[thread_slots]{};
constinit bool blocks_are_kept = false;

namespace {

constexpr std::uint32_t not_numbered = 0xFFFFFFFF;
constinit std::atomic<std::uint32_t> next_number{0};
__thread std::uint32_t own_number __attribute__((tls_model("initial-exec"))) = not_numbered;

long membarrier(int command) { return ::syscall(SYS_membarrier, command, 0, 0); }

}  // namespace

RAVEL_COLD std::uint32_t thread_number() noexcept {
  if (own_number == not_numbered) own_number = next_number.fetch_add(1, std::memory_order_relaxed);
  return own_number;
}

void choose_block_keeping() { blocks_are_kept = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0; }

RAVEL_COLD void heavy_barrier() noexcept {
  if (!blocks_are_kept) return;
  if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0) return;
  // After a fork, where the kernel does not hand the registration on.
  RAVEL_INVARIANT(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 && membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0);
}

RAVEL_COLD bool take_over_block(std::uint32_t* word, std::uint32_t seen) noexcept {
  const std::uint32_t keeper = seen >> block_owner_shift, me = thread_number();
  const std::uint32_t flags = seen & (block_has_atomics | block_has_tags);
  if (keeper == me) {  // not busy with it, or he would not lock it
    return __atomic_compare_exchange_n(word, &seen, flags | block_locked, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
  }
  const std::uint32_t mine = flags | block_locked | block_is_shared | me % block_numbers << block_owner_shift;
  if (!__atomic_compare_exchange_n(word, &seen, mine, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) return false;
  heavy_barrier();
  for (int spins = 0; slot_table[keeper].busy_with.load(std::memory_order_acquire) == word; ++spins) {
    if (spins < 100) __builtin_ia32_pause();
    else spin_lock::yield_thread();
  }
  return __atomic_load_n(word, __ATOMIC_ACQUIRE) == mine;
}

}  // namespace ravel::detector
