#pragma once
// The call side of the seam: what runtime rooms include.

#include "event_sink.hpp"
#include "services.hpp"

namespace ravel::hooks {

namespace detail {
extern event_sink* installed;
inline thread_local constinit int own_uses = 0;  // of a plain build: how many of the next live on this thread
}

// Only in a race build. A race library without its detector would miss races in silence, so there is always one.
inline event_sink& sink() { return *detail::installed; }

// While one lives, threads and locks of the C library on this OS thread are the runtime's, and order nothing in the program.
// No goroutine is preempted here: what the runtime uses of the standard library may be the program's copies, which have safepoints.
// Not to be kept across a switch of goroutines.
class own_use {
 public:
  own_use() noexcept {
    if constexpr (enabled) before_ = sink().own_use(true);
    else ++detail::own_uses;
  }
  ~own_use() {
    if constexpr (enabled) sink().own_use(before_);
    else --detail::own_uses;
  }
  own_use(const own_use&) = delete;
  own_use& operator=(const own_use&) = delete;

 private:
  [[maybe_unused]] bool before_ = false;
};

inline bool in_own_use() noexcept { return detail::own_uses != 0; }

inline void destroyed(sync_object& o) {
  if constexpr (enabled) sink().destroyed(o);
}

}  // namespace ravel::hooks
