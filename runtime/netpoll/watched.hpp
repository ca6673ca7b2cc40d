#pragma once
// What the kernel's events name: the two sides of one descriptor. Private to netpoll/.
//
// Invariants: memory is never given back, since an event may be on its way to one whose descriptor is closed; `tag` grows with each use, and
// an event with another tag is nobody's. So it need not be told to the kernel when a descriptor is closed.

#include <atomic>
#include <cstdint>

#include "runtime/netpoll/side.hpp"

namespace ravel::netpoll {

struct watched {
  side reading, writing;
  std::atomic<std::uint32_t> tag{0};
  std::atomic<std::uint32_t> hung_up_in{0};         // the last use that was hung up, plus 1; only grows, so an event that is late spoils nothing
  watched* next_free = nullptr;

  std::uint64_t name() const noexcept {
    return reinterpret_cast<std::uintptr_t>(this) | static_cast<std::uint64_t>(tag.load(std::memory_order_relaxed) & 0xFFFF) << 48;
  }
  // The other end has shut down its writing, or the connection is broken: for good.
  bool is_hung_up() const noexcept { return hung_up_in.load(std::memory_order_seq_cst) == tag.load(std::memory_order_relaxed) + 1; }
  void hang_up(std::uint32_t use) {
    std::uint32_t before = hung_up_in.load(std::memory_order_relaxed);
    while (before < use + 1 && !hung_up_in.compare_exchange_weak(before, use + 1, std::memory_order_seq_cst)) {}
  }
};

watched& take_watched();
void give_back(watched& w) noexcept;  // its descriptor is about to be closed

// 0 or an errno: from now on the sides of w learn of `descriptor`. Starts the poller the first time.
int watch(int descriptor, watched& w);

}  // namespace ravel::netpoll
