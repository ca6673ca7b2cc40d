#pragma once
#include "detector/check/stuck.hpp"

namespace ravel::detector {

// One finding for all: nothing can go on. Both say how many findings they have made.
std::size_t report_deadlock(const standstill& s);

// Goroutines that are stuck while others go on; those that wait for each other's locks make one finding, else each its own.
std::size_t report_leaks(const standstill& s);
std::size_t report_endless(const standstill& s);  // of find_endless

// The row of the table of conditions that a goroutine's wait belongs to, and why nobody wakes it.
struct cause { const char* id; std::string title, why; };
cause cause_of(const stuck_goroutine& w, const standstill& s);

}  // namespace ravel::detector
