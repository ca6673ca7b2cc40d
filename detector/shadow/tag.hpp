#pragma once
// The shadow word of 8 application bytes; layout and inline check are in runtime/abi/ravel_abi.h.
//
// Departure from the shared design (32 bits per 4 bytes): 21 bits of segment are used up by two million lock pairs and need all
// running goroutines renumbered; 64 bits per 8 bytes have the same size per byte, were measured equal (1.96 against 2.20 geometric mean
// without loop merging), never run out, and hold the exact bytes written and seen.

#include <cstdint>

#include "runtime/abi/ravel_abi.h"

namespace ravel::detector {

using tag_word = std::uint64_t;
using segment_id = std::uint32_t;
using byte_mask = std::uint32_t;  // bit i: byte i of the granule

inline constexpr std::uintptr_t granule_size = 8;
inline constexpr byte_mask all_bytes = 0xFF;

// Segment 0 is nobody's: a goroutine that has not recorded anything since its last release has this as __ravel_current, and no tag
// ever matches it (an empty tag fails on the byte bits, every other one on the segment).
inline constexpr segment_id no_segment = 0;

// Top byte of a tag that is not a tag: it describes the heap block that starts at the next granule (race/heap). Such granules are
// malloc's own headers, which no program accesses.
inline constexpr std::uint64_t block_marker = 0xFE;
inline constexpr std::uint64_t freed_block_marker = 0xFF;  // the same, of a block that has been freed: reports still tell of it
inline constexpr segment_id most_segments = 0xFD000000;

constexpr tag_word make_tag(segment_id segment, std::uint32_t state, byte_mask written, byte_mask seen) {
  return tag_word{segment} << 32 | tag_word{state} << 16 | written << 8 | seen;
}
constexpr tag_word current_word(segment_id segment) { return tag_word{segment} << 32 | 0xFFFF; }
constexpr segment_id segment_of(tag_word t) { return static_cast<segment_id>(t >> 32); }
constexpr std::uint32_t state_of(tag_word t) { return static_cast<std::uint32_t>(t >> 16) & 0xFFFF; }
constexpr bool is_block_marker(tag_word t) { return t >> 57 == block_marker >> 1; }
constexpr bool is_freed_block(tag_word t) { return t >> 56 == freed_block_marker; }
constexpr tag_word freed(tag_word marker) { return marker | tag_word{1} << 56; }

// The inline check, for the paths that are not inlined.
constexpr bool already_recorded(tag_word t, tag_word current, byte_mask bytes, bool write) {
  return ((t ^ current) & (RAVEL_TAG_SEGMENT | (write ? bytes << 8 : bytes))) == 0;
}

}  // namespace ravel::detector
