#include "detector/base/reserved_memory.hpp"

#include <sys/mman.h>

#include <atomic>
#include <cerrno>

#include "detector/base/invariant.hpp"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

namespace ravel::detector {

namespace {
constexpr int protection = PROT_READ | PROT_WRITE;
constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

void keep_out_of_core_dumps(void* p, std::size_t bytes) { ::madvise(p, bytes, MADV_DONTDUMP); }
}  // namespace

void* reserve_memory(std::size_t bytes) {
  // Below everything a position-independent program uses, so that our own tables lie outside the memory that has tags.
  constexpr std::uintptr_t first = 0x010000000000, last = 0x150000000000;
  constexpr std::uintptr_t alignment = std::uintptr_t{2} << 20;
  static std::atomic<std::uintptr_t> next{first};
  const std::uintptr_t rounded = (bytes + alignment - 1) & ~(alignment - 1);
  void* p = MAP_FAILED;
  while (p == MAP_FAILED) {
    const std::uintptr_t at = next.fetch_add(rounded, std::memory_order_relaxed);
    if (at + rounded > last) break;
    p = ::mmap(reinterpret_cast<void*>(at), bytes, protection, flags | MAP_FIXED_NOREPLACE, -1, 0);
    if (p == MAP_FAILED && errno != EEXIST) break;
  }
  if (p == MAP_FAILED) {
    environment_failed("cannot reserve address space for the race detector (is RLIMIT_AS set, `ulimit -v`, or vm.overcommit_memory=2?)");
  }
  keep_out_of_core_dumps(p, bytes);
  return p;
}

void reserve_memory_at(std::uintptr_t address, std::size_t bytes) {
  void* wanted = reinterpret_cast<void*>(address);
  void* p = ::mmap(wanted, bytes, protection, flags | MAP_FIXED_NOREPLACE, -1, 0);
  if (p != MAP_FAILED && p != wanted) {
    ::munmap(p, bytes);
    errno = EEXIST;
    p = MAP_FAILED;
  }
  if (p == MAP_FAILED) {
    environment_failed(
        "cannot map shadow memory at its place (the program must be position-independent, and `ulimit -v` must be unlimited)");
  }
  keep_out_of_core_dumps(p, bytes);
}

void discard_memory(void* start, std::size_t bytes) {
  if (bytes != 0) RAVEL_INVARIANT(::madvise(start, bytes, MADV_DONTNEED) == 0);
}

}  // namespace ravel::detector
