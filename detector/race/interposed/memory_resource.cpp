// std::pmr::synchronized_pool_resource keeps free blocks for each OS thread, within libstdc++.so: what one goroutine gave back another
// gets on the same thread, with nothing in between that orders them. As with malloc, memory begins a new life.

#include <dlfcn.h>

#include "detector/race/heap.hpp"
#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"
#include "detector/race/record_access.hpp"
#include "detector/shadow/shadow_map.hpp"

namespace ravel::detector {

namespace {

struct {
  void* (*allocate)(void*, std::size_t, std::size_t);
  void (*deallocate)(void*, void*, std::size_t, std::size_t);
} constinit pool{};

}  // namespace

void find_memory_resource_functions() {
  pool.allocate = reinterpret_cast<decltype(pool.allocate)>(::dlsym(RTLD_NEXT, "_ZNSt3pmr26synchronized_pool_resource11do_allocateEmm"));
  pool.deallocate = reinterpret_cast<decltype(pool.deallocate)>(::dlsym(RTLD_NEXT, "_ZNSt3pmr26synchronized_pool_resource13do_deallocateEPvmm"));
}

}  // namespace ravel::detector

using namespace ravel::detector;

extern "C" {

[[gnu::weak]] void* ravel_interposed_pool_allocate(void*, std::size_t, std::size_t) asm("_ZNSt3pmr26synchronized_pool_resource11do_allocateEmm");
void* ravel_interposed_pool_allocate(void* resource, std::size_t size, std::size_t alignment) {
  void* p = pool.allocate(resource, size, alignment);
  if (observed()) {
    const inside_detector guard;
    const auto start = reinterpret_cast<std::uintptr_t>(p);
    forget_atomics(start, size);
    reset_shadow(start, size);
  }
  return p;
}

[[gnu::weak]] void ravel_interposed_pool_deallocate(void*, void*, std::size_t, std::size_t) asm("_ZNSt3pmr26synchronized_pool_resource13do_deallocateEPvmm");
void ravel_interposed_pool_deallocate(void* resource, void* p, std::size_t size, std::size_t alignment) {
  if (goroutine_observed() && !this_thread.ignoring) {
    record_range(reinterpret_cast<std::uintptr_t>(p), size, access_class::plain_write, access_nature::free, __builtin_frame_address(0));
  }
  pool.deallocate(resource, p, size, alignment);
}

}  // extern "C"
