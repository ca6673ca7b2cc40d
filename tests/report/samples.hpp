#pragma once
// Findings made by hand, of which each test changes what it is about.

#include "detector/report/report.hpp"

namespace ravel::test {

detector::report::frame in_bank(const char* function, std::uint32_t line, std::uint32_t column);  // of sources/bank.cpp
detector::report::frame in_library(const char* function, std::uint32_t line);
detector::report::frame without_source(const char* function, const char* module, std::uint64_t offset);

detector::report::goroutine main_goroutine();
detector::report::goroutine child_goroutine();  // 7, created by main

// Goroutine 7 writes account.balance of a heap block, which main read before.
detector::report::finding bank_race();

// Main and goroutine 7 each wait for the mutex that the other holds.
detector::report::finding two_locks_deadlock();

// The race as an explored schedule found it: main locks, starts goroutine 2, sends it a message and unlocks.
detector::report::finding explored_race();
detector::report::finding explored_deadlock();

detector::report::exploration small_exploration();

}  // namespace ravel::test
