// Invariants: blocks are powers of two, from one region, and go back to the list of their size. Before each lies its size, then the block's
// distance from its own beginning where alignment moved it.

#include "detector/base/set_aside.hpp"

#include <bit>

#include "detector/base/reserved_memory.hpp"

namespace ravel::detector::set_aside {

namespace {

constexpr std::size_t room = std::size_t{1} << 36;
constexpr std::size_t least = 64;

struct head {
  std::size_t size;      // of the whole block
  std::uintptr_t start;  // of the whole block
};
struct spare {
  spare* next;
};
constinit spare* spares[64] = {};
constinit std::uintptr_t used_until = 0;

head* head_of(const void* p) { return reinterpret_cast<head*>(reinterpret_cast<std::uintptr_t>(p) - sizeof(head)); }

}  // namespace

void begin() {
  if (low == 0) {
    low = reinterpret_cast<std::uintptr_t>(reserve_memory(room));
    high = low + room;
    used_until = low;
  }
  now = true;
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (size > room / 2 || alignment > room / 4) return nullptr;
  const std::size_t more = alignment > sizeof(head) ? alignment : 0;
  std::size_t whole = size + sizeof(head) + more;
  whole = whole < least ? least : std::bit_ceil(whole);
  spare*& list = spares[std::countr_zero(whole)];
  std::uintptr_t start = reinterpret_cast<std::uintptr_t>(list);
  if (list != nullptr) {
    list = list->next;
  } else {
    if (whole > high - used_until) return nullptr;
    start = used_until;
    used_until += whole;
  }
  std::uintptr_t p = start + sizeof(head);
  if (more != 0) p = (p + alignment - 1) & ~(alignment - 1);
  *head_of(reinterpret_cast<void*>(p)) = {whole, start};
  return reinterpret_cast<void*>(p);
}

void free(void* p) {
  const head h = *head_of(p);
  auto* const back = reinterpret_cast<spare*>(h.start);
  spare*& list = spares[std::countr_zero(h.size)];
  back->next = list;
  list = back;
}

std::size_t size_of(const void* p) {
  const head* const h = head_of(p);
  return h->start + h->size - reinterpret_cast<std::uintptr_t>(p);
}

}  // namespace ravel::detector::set_aside
