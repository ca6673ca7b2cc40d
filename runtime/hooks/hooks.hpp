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

inline void destroyed(sync_object& o) {
  if constexpr (enabled) sink().destroyed(o);
}

}  // namespace ravel::hooks
