#pragma once
#include <cstddef>

#include "detector/report/report.hpp"

namespace ravel::detector::explore {

// The step of h, counted from 1 and among the first `before`, within which an access was most likely: when it was, the detector does not keep, but which locks
// its goroutine held and where in the source it is. Of those steps after which the goroutine held just these locks, the last one that is not
// past the access in its own function, else the last. 0 when it took none.
std::size_t step_of_access(const report::schedule& h, const report::access& a, std::size_t before);

}  // namespace ravel::detector::explore
