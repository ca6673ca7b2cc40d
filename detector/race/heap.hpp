#pragma once
// Heap blocks: when a life of memory begins and ends. The functions of <stdlib.h> are defined in heap.cpp.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "detector/shadow/access_record.hpp"

namespace ravel::detector {

struct heap_block {
  std::uintptr_t start;
  std::size_t size;          // as requested; usable size when the difference was too large to remember
  stack_id allocated_at;
  goroutine_index allocated_by;
};

// The live or freed block around an address, if it came from malloc while the detector was on.
std::optional<heap_block> find_heap_block(std::uintptr_t address);

// Whether a block from malloc, live or freed, begins exactly here. Any word may be asked about.
bool begins_heap_block(std::uintptr_t address);

// Memory ends its life: forgets the clocks of atomics, locks and the like in it.
void forget_atomics(std::uintptr_t start, std::size_t size);

// Of a tag that is_block_marker: who allocated the block; 0: unknown.
goroutine_index allocated_by(tag_word marker);

void start_watching_heap();  // before: only allocation, no tracking

}  // namespace ravel::detector
