#include "allocations.hpp"

#include <cstdlib>
#include <new>

namespace {
thread_local long allocations = 0;
}

[[gnu::noinline]] long allocations_here() { return allocations; }

#if !(defined(__has_feature) && __has_feature(thread_sanitizer))

void* operator new(std::size_t n) {
  ++allocations;
  if (void* p = std::malloc(n)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t n, std::align_val_t alignment) {
  if (void* p = operator new(n, alignment, std::nothrow)) return p;
  throw std::bad_alloc();
}
// AddressSanitizer has its own of these too, which would not match the operator delete below.
void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(n);
}
void* operator new(std::size_t n, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  ++allocations;
  const auto a = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(a, (n + a - 1) / a * a);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

#endif
