#pragma once
#include "config.hpp"

RAVEL_NAMESPACE_BEGIN
namespace detail {

// For catch (...): what was caught is goexit on its way through this frame, to be thrown on.
bool goexit_in_flight() noexcept;

}  // namespace detail
RAVEL_NAMESPACE_END
