#include "runtime/sched/stack_pool.hpp"

#include <sys/mman.h>

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
constexpr std::size_t kept = 1024;   // stacks of a class that rest in the pool before memory goes back to the kernel

// The list of free slots threads through the slots themselves, in their highest word: the page a new goroutine touches first anyway.
struct free_link { std::uintptr_t next; };
struct free_list { std::uintptr_t first = 0; std::size_t count = 0; };

constinit os_lock lock;
constinit free_list free_slots[classes];

free_link& link_of(std::uintptr_t high) { return *reinterpret_cast<free_link*>(high - sizeof(free_link)); }

std::size_t slot_size(std::size_t size) {
  if (size == 0) size = default_stack_size;
  return std::bit_ceil(size < 16 * page ? 16 * page : size);
}

}  // namespace

stack_slot allocate_stack(std::size_t size) {
  const std::size_t bytes = slot_size(size);
  const int c = std::countr_zero(bytes);
  {
    const std::lock_guard hold(lock);
    free_list& l = free_slots[c];
    if (l.first != 0) {
      const std::uintptr_t high = l.first;
      l.first = link_of(high).next;
      --l.count;
      return {high - bytes + page, high};
    }
  }
  void* p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (p == MAP_FAILED || ::mprotect(p, page, PROT_NONE) != 0) {
    const int reason = errno;
    if (p != MAP_FAILED) ::munmap(p, bytes);
    throw std::system_error(reason, std::generic_category(), "ravel: no stack for a new goroutine (see vm.max_map_count)");
  }
  const auto low = reinterpret_cast<std::uintptr_t>(p);
  return {low + page, low + bytes};
}

void free_stack(stack_slot s) noexcept {
  const std::size_t bytes = s.high - s.low + page;
  const int c = std::countr_zero(bytes);
  RAVEL_CHECK(std::has_single_bit(bytes));
  {
    const std::lock_guard hold(lock);
    free_list& l = free_slots[c];
    if (l.count < kept) {
      link_of(s.high).next = l.first;
      l.first = s.high;
      ++l.count;
      return;
    }
  }
  ::munmap(reinterpret_cast<void*>(s.low - page), bytes);
}

}  // namespace ravel::sched
