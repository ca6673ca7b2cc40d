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

}  // namespace ravel::test
