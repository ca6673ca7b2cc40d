#include "detector/race/resident_shadow.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "detector/base/invariant.hpp"
#include "detector/base/reserved_memory.hpp"
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

std::size_t visit_range(std::uintptr_t low, std::uintptr_t high, void* context, void (*visit)(void*, tag_word)) {
  constexpr std::size_t pages_at_once = 1024;
  unsigned char resident[pages_at_once];
  std::size_t granules = 0;
  for (std::uintptr_t at = low; at < high; at += pages_at_once * page_size) {
    const std::size_t bytes = std::min<std::size_t>(high - at, pages_at_once * page_size);
    if (::mincore(reinterpret_cast<void*>(shadow_of(at)), bytes, resident) != 0) continue;
    for (std::size_t page = 0; page < bytes / page_size; ++page) {
      if ((resident[page] & 1) == 0) continue;
      const auto* tags = reinterpret_cast<const tag_word*>(shadow_of(at) + page * page_size);
      for (std::size_t i = 0; i < page_size / sizeof(tag_word); ++i) {
        const tag_word t = load_tag(tags + i);
        if (t != 0 && !is_block_marker(t)) visit(context, t);
      }
      granules += page_size / granule_size;
    }
  }
  return granules;
}

}  // namespace

std::size_t for_each_resident_tag(void* context, void (*visit)(void* context, tag_word tag)) {
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
