#pragma once
#include "detector/report/report.hpp"

namespace ravel::detector::report {

// Of a program that ran in parallel: what is certain of the order of the goroutines in a finding, in the form of a schedule. Who started whom,
// what one last heard of the other, which locks were taken, and then the accesses or where each goroutine stands. Steps that nothing orders
// are in some order.
schedule known_order_of(const finding& f);

}  // namespace ravel::detector::report
