#pragma once

namespace ravel::detector {

// Prints "ravel: internal error: ..." with the place and aborts. For bugs of ours, never for misuse by the user.
[[noreturn, gnu::cold]] void invariant_failed(const char* condition, const char* file, int line);

// Prints one line "ravel: <what>: <errno words>" and exits with status 2: the environment denied something at start-up, before main,
// where no exception can be caught.
[[noreturn, gnu::cold]] void environment_failed(const char* what);

}  // namespace ravel::detector

// On in release builds: a detector with a broken invariant must not go on and say "no race".
#define RAVEL_INVARIANT(condition) \
  (__builtin_expect(!!(condition), 1) ? (void)0 : ::ravel::detector::invariant_failed(#condition, __FILE__, __LINE__))
