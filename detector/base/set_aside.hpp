#pragma once
// Memory apart from the program's heap, for a process that makes copies of itself and runs the program in them: whatever it keeps from copy to
// copy, the program's own blocks lie in each where they would have lain in the first. One thread.

#include <cstddef>
#include <cstdint>

namespace ravel::detector::set_aside {

inline constinit bool now = false;       // what is allocated is set aside
inline constinit std::uintptr_t low = 0, high = 0;

inline bool contains(const void* p) { return reinterpret_cast<std::uintptr_t>(p) - low < high - low; }

void begin();                            // `now` becomes true
void* allocate(std::size_t size, std::size_t alignment);   // zeroed only where it was never used; null: no room
void free(void* p);
std::size_t size_of(const void* p);      // at least what was asked for

}  // namespace ravel::detector::set_aside
