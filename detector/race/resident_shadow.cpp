#include "detector/race/resident_shadow.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "detector/base/invariant.hpp"
#include "detector/base/reserved_memory.hpp"
#include "detector/shadow/history.hpp"
#include "detector/shadow/shadow_map.hpp"

namespace ravel::detector {

namespace {

// /proc/self/maps line by line, without malloc or stdio.
class mapped_ranges {
 public:
  mapped_ranges() : file_(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) environment_failed("cannot read /proc/self/maps");
  }
  ~mapped_ranges() { ::close(file_); }

  bool next(std::uintptr_t& low, std::uintptr_t& high) {
    low = high = 0;
    int c = get();
    if (c < 0) return false;
    for (; c != '-'; c = get()) low = low << 4 | digit(c);
    for (c = get(); c != ' '; c = get()) high = high << 4 | digit(c);
    while (c >= 0 && c != '\n') c = get();
    return true;
  }

 private:
  static std::uintptr_t digit(int c) { return static_cast<std::uintptr_t>(c <= '9' ? c - '0' : c - 'a' + 10); }
  int get() {
    if (at_ == filled_) {
      const ssize_t n = ::read(file_, buffer_, sizeof buffer_);
      if (n <= 0) return -1;
      filled_ = static_cast<std::size_t>(n);
      at_ = 0;
    }
    return buffer_[at_++];
  }

  int file_;
  std::size_t at_ = 0, filled_ = 0;
  char buffer_[4096];
};

std::uintptr_t shadow_of(std::uintptr_t p) { return reinterpret_cast<std::uintptr_t>(tag_address(p)); }

void discard_shadow(std::uintptr_t low, std::uintptr_t high) {
  if (low < high) discard_memory(reinterpret_cast<void*>(shadow_of(low)), high - low);
}

std::size_t visit_block(std::uintptr_t start, void* context, void (*visit)(void*, tag_word, std::uintptr_t)) {
  const tag_word* const tags = tag_address(start);
  constexpr std::size_t count = block_size / granule_size;
  for (std::size_t i = 0; i < count; i += 8) __builtin_prefetch(tags + count + i);
  tag_word before = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const tag_word t = load_tag(tags + i);
    if (t != before && t != 0) visit(context, t, start + i * granule_size);
    before = t;
  }
  return count;
}

// Tags are written under their block's lock, which notes it, so the kernel need not be asked for pages of tags. (That mincore was a fifth of
// the time of a program whose goroutines synchronise all the time.)
std::size_t visit_range(std::uintptr_t low, std::uintptr_t high, void* context, void (*visit)(void*, tag_word, std::uintptr_t)) {
  struct walk { void* context; void (*visit)(void*, tag_word, std::uintptr_t); std::size_t granules; } w{context, visit, 0};
  for_each_resident_part(low, high, &w, [](void* argument, std::uintptr_t start, std::uintptr_t end) {
    auto& w = *static_cast<walk*>(argument);
    for (std::uintptr_t line = start & ~(line_of_words - 1); line < end; line += line_of_words) {
      if (!any_has_tags(line)) continue;
      for (std::uintptr_t block = std::max(line, start); block < std::min(end, line + line_of_words); block += block_size) {
        if ((__atomic_load_n(block_word(block), __ATOMIC_ACQUIRE) & block_has_tags) != 0) w.granules += visit_block(block, w.context, w.visit);
      }
    }
  });
  return w.granules;
}

}  // namespace

// A gigabyte reserved for stacks is passed over in four calls.
void for_each_resident_part(std::uintptr_t low, std::uintptr_t high, void* context, void (*visit)(void* context, std::uintptr_t start, std::uintptr_t end)) {
  constexpr std::uintptr_t described = page_size / sizeof(std::uint32_t) * block_size;  // memory whose block words share a page
  constexpr std::size_t most_pages = 1024;
  unsigned char resident[most_pages];
  for (std::uintptr_t at = low & ~(described - 1); at < high; at += described * most_pages) {
    const std::size_t pages = std::min<std::size_t>((high - at + described - 1) / described, most_pages);
    if (::mincore(block_word(at), pages * page_size, resident) != 0) return;
    for (std::size_t page = 0; page < pages; ++page) {
      const std::uintptr_t first = at + page * described;
      if ((resident[page] & 1) != 0) visit(context, std::max(low, first), std::min(high, first + described));
    }
  }
}

std::size_t for_each_resident_tag(void* context, void (*visit)(void* context, tag_word tag, std::uintptr_t granule)) {
  mapped_ranges ranges;
  std::size_t granules = 0;
  std::uintptr_t low = 0, high = 0;
  bool more = ranges.next(low, high);
  for (const address_window& w : windows) {
    std::uintptr_t covered = w.low;
    while (more && low < w.high) {
      if (high > w.low) {
        discard_shadow(covered, std::max(low, covered));
        granules += visit_range(std::max(low, w.low), std::min(high, w.high), context, visit);
        covered = std::min(high, w.high);
        if (high > w.high) break;
      }
      more = ranges.next(low, high);
    }
    discard_shadow(covered, w.high);
  }
  return granules;
}

}  // namespace ravel::detector
