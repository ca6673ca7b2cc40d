#pragma once

namespace ravel::diag {

// Prints "ravel: internal error: ..." with the place and aborts: a bug of ours.
[[noreturn, gnu::cold]] void check_failed(const char* condition, const char* file, int line);

}  // namespace ravel::diag

// On in release builds: a broken scheduler must not go on quietly.
#define RAVEL_CHECK(condition) \
  (__builtin_expect(!!(condition), 1) ? (void)0 : ::ravel::diag::check_failed(#condition, __FILE__, __LINE__))
