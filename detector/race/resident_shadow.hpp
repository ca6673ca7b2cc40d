#pragma once
// Walks the tags that exist: those of memory that is mapped now. Tags of memory that is no longer mapped are discarded on the way.

#include <cstddef>

#include "detector/shadow/tag.hpp"

namespace ravel::detector {

// Calls visit for every tag that is not empty, heap markers too, with the address of what it describes; of equal neighbours once. Returns how
// many granules were looked at.
std::size_t for_each_resident_tag(void* context, void (*visit)(void* context, tag_word tag, std::uintptr_t granule));

// Calls visit(start, end) for the parts of [low, high), whole blocks, whose block words the kernel holds in memory: elsewhere none was ever
// touched. To ask is also what keeps them untouched: even reading a word maps a page.
void for_each_resident_part(std::uintptr_t low, std::uintptr_t high, void* context, void (*visit)(void* context, std::uintptr_t start, std::uintptr_t end));

}  // namespace ravel::detector
