#pragma once
#include <atomic>

#include "runtime/hooks/event_sink.hpp"

namespace ravel::detector {

// The event sink of the race detector: every happens-before edge of the runtime goes through here.
hooks::event_sink& race_sink();

// At a safepoint: the handlers of signals that came while the detector was at work. Null until the program installs one (interposed/signals).
extern std::atomic<void (*)()> run_waiting_signals;

}  // namespace ravel::detector
