// mmap, munmap, mremap: memory that begins a new life has no past. What the C library maps for itself does not come through here: malloc's
// memory is reset in heap.cpp, a thread's stack when the thread begins.

#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "detector/base/reserved_memory.hpp"
#include "detector/base/spin_lock.hpp"
#include "detector/race/heap.hpp"
#include "detector/race/program_mappings.hpp"
#include "detector/race/interposed/observed.hpp"
#include "detector/shadow/shadow_map.hpp"

namespace ravel::detector {

namespace {

// What the program has mapped for itself, newest last; the checks look for pointers there.
constinit spin_lock list_lock;
constexpr std::size_t most_mappings = 4096;
constinit mapped_range mappings[most_mappings]{};
constinit std::size_t mapping_count = 0;
constinit bool some_left_out = false;

void note_unmapped(std::uintptr_t low, std::uintptr_t high) {
  locked hold(list_lock);
  for (std::size_t i = 0; i < mapping_count;) {
    mapped_range& m = mappings[i];
    if (low <= m.low && m.high <= high) m = mappings[--mapping_count];
    else ++i;
  }
}
void note_mapped(std::uintptr_t low, std::uintptr_t high) {
  note_unmapped(low, high);
  locked hold(list_lock);
  if (mapping_count == most_mappings) some_left_out = true;
  else mappings[mapping_count++] = {low, high};
}

std::size_t whole_pages(std::size_t size) { return (size + page_size - 1) & ~(page_size - 1); }

void begins_life(const void* start, std::size_t size) {
  if (!observed()) return;
  const int before = errno;
  const inside_detector guard;
  const auto low = reinterpret_cast<std::uintptr_t>(start);
  if (is_shadowed(low)) {
    forget_atomics(low, whole_pages(size));
    reset_shadow(low, whole_pages(size));
  }
  errno = before;
}

}  // namespace

bool visit_program_mappings(void* context, void (*visit)(void* context, mapped_range m)) {
  locked hold(list_lock);
  for (std::size_t i = 0; i < mapping_count; ++i) visit(context, mappings[i]);
  return !some_left_out;
}

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

void* mmap(void* wanted, std::size_t size, int protection, int flags, int file, off_t offset) noexcept {
  void* p = reinterpret_cast<void*>(::syscall(SYS_mmap, wanted, size, protection, flags, file, offset));
  if (p == MAP_FAILED) return p;
  begins_life(p, size);
  if (observed()) note_mapped(reinterpret_cast<std::uintptr_t>(p), reinterpret_cast<std::uintptr_t>(p) + whole_pages(size));
  return p;
}
void* mmap64(void* wanted, std::size_t size, int protection, int flags, int file, off64_t offset) noexcept {
  return mmap(wanted, size, protection, flags, file, offset);
}

int munmap(void* p, std::size_t size) noexcept {
  if (observed()) note_unmapped(reinterpret_cast<std::uintptr_t>(p), reinterpret_cast<std::uintptr_t>(p) + whole_pages(size));
  begins_life(p, size);  // before: once it is gone, somebody else's mapping may be there
  return static_cast<int>(::syscall(SYS_munmap, p, size));
}

void* mremap(void* old, std::size_t old_size, std::size_t size, int flags, ...) noexcept {
  va_list more;
  va_start(more, flags);
  void* wanted = (flags & MREMAP_FIXED) != 0 ? va_arg(more, void*) : nullptr;
  va_end(more);
  void* p = reinterpret_cast<void*>(::syscall(SYS_mremap, old, old_size, size, flags, wanted));
  if (p == MAP_FAILED) return p;
  if (observed()) {
    note_unmapped(reinterpret_cast<std::uintptr_t>(old), reinterpret_cast<std::uintptr_t>(old) + whole_pages(old_size));
    note_mapped(reinterpret_cast<std::uintptr_t>(p), reinterpret_cast<std::uintptr_t>(p) + whole_pages(size));
  }
  if (p != old) {
    begins_life(old, old_size);
    begins_life(p, size);
  } else if (size > old_size) {
    begins_life(static_cast<char*>(p) + whole_pages(old_size), size - old_size);
  } else if (size < old_size) {
    begins_life(static_cast<char*>(p) + whole_pages(size), old_size - size);
  }
  return p;
}

}  // extern "C"
