#pragma once
// The call side of the seam: what runtime rooms include.

#include "event_sink.hpp"
#include "services.hpp"

namespace ravel::hooks {

namespace detail {
extern event_sink* installed;
}

// Only in a race build. A race library without its detector would miss races in silence, so there is always one.
inline event_sink& sink() { return *detail::installed; }

// While one lives, threads and locks of the C library on this OS thread are the runtime's, and order nothing in the program.
// Not to be kept across a switch of goroutines.
class own_use {
 public:
  own_use() noexcept {
    if constexpr (enabled) before_ = sink().own_use(true);
  }
  ~own_use() {
    if constexpr (enabled) sink().own_use(before_);
  }
  own_use(const own_use&) = delete;
  own_use& operator=(const own_use&) = delete;

 private:
  [[maybe_unused]] bool before_ = false;
};

inline void destroyed(sync_object& o) {
  if constexpr (enabled) sink().destroyed(o);
}

}  // namespace ravel::hooks
