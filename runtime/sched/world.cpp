// Times in which no goroutine is resumed: while a dump reads stacks, and from main's end until main waits. Neither ends the other's.
//
// Asymmetric: a machine that begins a goroutine stores its state and loads world_held in the order of its program; the barrier here makes
// every thread have done both or neither. Switching, which happens a million times as often, so needs no barrier.

#include "runtime/sched/alone.hpp"
#include "runtime/sched/machine.hpp"

namespace ravel::sched {

namespace {

// Bits of world_held.
constexpr std::uint32_t for_dump = 1, for_end = 2;

constinit os_lock dump_lock;  // one dump at a time
std::int64_t main_ended_at = 0;  // written before for_end is set

constexpr std::int64_t until_looked_again = 1'000'000;  // ns
constexpr std::int64_t longest_end = 1'000'000'000;     // ns

void let_go(std::uint32_t bit) {
  global.world_held.fetch_and(~bit, std::memory_order_release);
  futex_wake(global.world_held, 1 << 30);
}

// Goroutine 1 gives up its turn: what the destructors of globals wait for can only be done by the others. What they wait for in ways the
// runtime does not see, by joining a thread or in a loop, they get after a time.
bool main_waits(const goroutine& begun) {
  const goroutine& main = main_goroutine();
  return &begun == &main || main.state.load(std::memory_order_acquire) != status::running || real_now_ns() - main_ended_at > longest_end;
}

}  // namespace

void hold_world() {
  dump_lock.lock();
  global.world_held.fetch_or(for_dump, std::memory_order_seq_cst);
  barrier_on_all_threads();
}
void release_world() {
  let_go(for_dump);
  dump_lock.unlock();
}
void keep_world_for_the_end() {
  main_ended_at = real_now_ns();
  global.world_held.fetch_or(for_end, std::memory_order_release);
  release_world();
}

// Who comes straight from another goroutine has its lock yet, which the destructors may want: it goes on, as if it had begun before main's end.
void wait_for_world(const machine& m, goroutine& g) {
  const std::uint32_t heeded = m.running == nullptr ? for_dump | for_end : for_dump;
  std::uint32_t held = global.world_held.load(std::memory_order_acquire);
  while ((held & heeded) != 0) {
    g.state.store(status::runnable, std::memory_order_release);
    if ((held & heeded) == for_end && main_waits(g)) let_go(for_end);
    else futex_wait(global.world_held, held, (held & for_end) != 0 ? until_looked_again : -1);
    g.state.store(status::running, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    held = global.world_held.load(std::memory_order_acquire);
  }
}

}  // namespace ravel::sched
