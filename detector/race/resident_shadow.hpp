#pragma once
// Walks the tags that exist: those of memory that is mapped now. Tags of memory that is no longer mapped are discarded on the way.

#include <cstddef>

#include "detector/shadow/tag.hpp"

namespace ravel::detector {

// Calls visit for every tag that is not empty, heap markers too, with the address of what it describes; of equal neighbours once. Returns how many granules were looked at.
std::size_t for_each_resident_tag(void* context, void (*visit)(void* context, tag_word tag, std::uintptr_t granule));

}  // namespace ravel::detector
