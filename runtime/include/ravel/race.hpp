#pragma once
// Annotations for the race detector; without -race they are nothing.
// [[ravel::no_race]] on a function leaves it uninstrumented.

#include <cstddef>

#include "detail/config.hpp"

RAVEL_NAMESPACE_BEGIN
namespace race {

inline constexpr bool enabled = RAVEL_RACE != 0;

#if RAVEL_RACE
// Synchronisation the detector cannot see, named by an address: what a goroutine did before release(a) happens before what another does
// after acquire(a). release forgets earlier releases, release_merge keeps them (as a counter that several count down).
void acquire(const void* address);
void release(const void* address);
void release_merge(const void* address);

// An access of n bytes made on behalf of code the detector cannot see.
void read(const void* address, std::size_t n);
void write(const void* address, std::size_t n);

// Accesses of this goroutine are not checked while one lives. They nest.
class ignore_scope {
 public:
  ignore_scope();
  ~ignore_scope();
  ignore_scope(const ignore_scope&) = delete;
  ignore_scope& operator=(const ignore_scope&) = delete;
};

std::size_t errors();  // races reported so far
#else
inline void acquire(const void*) {}
inline void release(const void*) {}
inline void release_merge(const void*) {}
inline void read(const void*, std::size_t) {}
inline void write(const void*, std::size_t) {}
class ignore_scope {
 public:
  ignore_scope() {}
};
inline std::size_t errors() { return 0; }
#endif

}  // namespace race
RAVEL_NAMESPACE_END
