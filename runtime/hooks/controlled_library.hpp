#pragma once
// What functions of the C library do in a controlled run: time, random numbers and the kernel's futexes are the run's own. The runtime defines
// these; whoever stands before the C library's functions calls them, and the runtime's own clock.
//
// Each is called by a goroutine of a controlled run (in_controlled_run), outside of all locks.

#include <cstdint>

#include "runtime/hooks/controlled.hpp"

namespace ravel::hooks {

// Virtual time begins at midnight UTC of 1 January 2000, as in a bubble of Go's testing/synctest; the monotonic clock at one second.
constexpr std::int64_t controlled_epoch = 946'684'800'000'000'000 - 1'000'000'000;  // of the calendar, when the monotonic clock is at 0

// Nanoseconds of the monotonic clock. Who reads it again and again waits for a moment to come: then reading makes time pass.
std::int64_t read_controlled_clock() noexcept;

// A scheduling point; takes no time for nanoseconds <= 0.
void sleep_in_controlled_run(std::int64_t nanoseconds);

// Numbers of a stream that each goroutine has for itself, so that who draws first makes no difference. All streams of a schedule depend on one
// choice of the strategy, made by the first that draws, and on the last seed given here.
std::uint64_t controlled_random() noexcept;
void seed_controlled_random(std::uint64_t seed) noexcept;

// futex(2), both a scheduling point. `until` on the monotonic clock, below 0 for ever; only waiters whose mask has a bit in common are woken, and
// the strategy chooses among them. The first answers 0, EAGAIN or ETIMEDOUT, the second how many it woke.
int controlled_futex_wait(const std::uint32_t* word, std::uint32_t expected, std::uint32_t mask, std::int64_t until);
int controlled_futex_wake(const std::uint32_t* word, int most, std::uint32_t mask);

}  // namespace ravel::hooks
