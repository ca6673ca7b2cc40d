#pragma once

namespace ravel::detector {

// At a safepoint: the handlers of signals that came while the detector was at work.
void run_waiting_signals();

}  // namespace ravel::detector
