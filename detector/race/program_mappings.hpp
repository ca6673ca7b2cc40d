#pragma once
#include <cstdint>

namespace ravel::detector {

struct mapped_range { std::uintptr_t low, high; };

// Memory that the program itself got from mmap and has not unmapped as a whole; parts of it may be unmapped or not writable. False: there
// are more than are remembered. Any thread.
bool visit_program_mappings(void* context, void (*visit)(void* context, mapped_range m));

}  // namespace ravel::detector
