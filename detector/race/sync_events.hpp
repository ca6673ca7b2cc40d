#pragma once
#include "runtime/hooks/event_sink.hpp"

namespace ravel::detector {

// The event sink of the race detector: every happens-before edge of the runtime goes through here.
hooks::event_sink& race_sink();

}  // namespace ravel::detector
