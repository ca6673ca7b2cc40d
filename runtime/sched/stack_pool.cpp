#include "runtime/sched/stack_pool.hpp"

#include <sys/mman.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <mutex>
#include <system_error>

#include "runtime/diag/check.hpp"
#include "runtime/sched/futex.hpp"

namespace ravel::sched {

namespace {

constexpr std::size_t page = 4096;
constexpr int classes = 48;          // by log2 of the slot's size
constexpr std::size_t kept = 1024;   // stacks of a class that rest in the pool with their memory; others give it back to the kernel
constexpr std::size_t reservation = std::size_t{1} << 30;
constexpr int guard_install = 102;   // MADV_GUARD_INSTALL, Linux 6.13: a guard page that splits no mapping, so any number of them
// mprotect splits a mapping for each guard, and a process has 65,530 of them by default; the program wants some too.
constexpr std::size_t most_split_guards = 15000;

// The list of free slots threads through the slots themselves, in their highest word: the page a new goroutine touches first anyway.
struct free_link { std::uintptr_t next; };
struct free_list {
  std::uintptr_t first = 0;
  std::size_t count = 0;
  std::uintptr_t fresh = 0;   // [fresh, end): reserved and never used
  std::uintptr_t end = 0;
};

constinit os_lock lock;
constinit free_list free_slots[classes];
constinit std::size_t split_guards = 0;
// True once a stack had to do without a guard page: from then on every stack's lowest word is looked at when it is left.
constinit std::atomic<bool> unguarded{false};

free_link& link_of(std::uintptr_t high) { return *reinterpret_cast<free_link*>(high - sizeof(free_link)); }

std::size_t slot_size(std::size_t size) {
  if (size == 0) size = default_stack_size;
  return std::bit_ceil(size < 16 * page ? 16 * page : size);
}

void guard_locked(std::uintptr_t slot) {
  auto* p = reinterpret_cast<void*>(slot);
  if (::madvise(p, page, guard_install) == 0) return;
  if (split_guards < most_split_guards && ::mprotect(p, page, PROT_NONE) == 0) {
    ++split_guards;
    return;
  }
  unguarded.store(true, std::memory_order_relaxed);
}

std::uintptr_t fresh_slot_locked(free_list& l, std::size_t bytes) {
  if (l.fresh == l.end) {
    const std::size_t more = bytes > reservation ? bytes : reservation;
    void* p = ::mmap(nullptr, more + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (p == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "ravel: no stack for a new goroutine");
    ::madvise(p, more + bytes, MADV_NOHUGEPAGE);  // a huge page would commit eight stacks at the first touch of one
    l.fresh = (reinterpret_cast<std::uintptr_t>(p) + bytes - 1) & ~(bytes - 1);
    l.end = l.fresh + more;
  }
  const std::uintptr_t slot = l.fresh;
  l.fresh += bytes;
  guard_locked(slot);
  return slot;
}

}  // namespace

stack_slot allocate_stack(std::size_t size) {
  const std::size_t bytes = slot_size(size);
  free_list& l = free_slots[std::countr_zero(bytes)];
  const std::lock_guard hold(lock);
  if (l.first != 0) {
    const std::uintptr_t high = l.first;
    l.first = link_of(high).next;
    --l.count;
    return {high - bytes + page, high};
  }
  const std::uintptr_t slot = fresh_slot_locked(l, bytes);
  return {slot + page, slot + bytes};
}

void free_stack(stack_slot s) noexcept {
  const std::size_t bytes = s.high - s.low + page;
  RAVEL_CHECK(std::has_single_bit(bytes));
  free_list& l = free_slots[std::countr_zero(bytes)];
  const std::lock_guard hold(lock);
  // The topmost page stays, the link is in it.
  if (l.count >= kept) ::madvise(reinterpret_cast<void*>(s.low), s.high - page - s.low, MADV_DONTNEED);
  link_of(s.high).next = l.first;
  l.first = s.high;
  ++l.count;
}

bool stack_is_whole(stack_slot s) noexcept {
  if (!unguarded.load(std::memory_order_relaxed)) [[likely]] return true;
  // The page below the stack is used by nobody: whole while it reads as it came from the kernel.
  unsigned char resident = 0;
  const std::uintptr_t below = s.low - page;
  return ::mincore(reinterpret_cast<void*>(below), page, &resident) != 0 || (resident & 1) == 0;
}

}  // namespace ravel::sched
