#pragma once

namespace ravel::sched {

// "fatal error: <what>", the current goroutine and its stack, exit status 2. Not catchable: as Go's fatal errors.
[[noreturn, gnu::cold]] void fatal(const char* what);

// One line on stderr, exit status 2: bad input from outside.
[[noreturn, gnu::cold]] void end_with_usage_error(const char* before, const char* value, const char* after);

// The process-wide handler for exceptions that leave a goroutine.
[[noreturn]] void end_with_panic() noexcept;

// With every goroutine's stack and wait reason, exit status 2.
[[noreturn, gnu::cold]] void end_with_deadlock();
[[noreturn, gnu::cold]] void end_without_goroutines();

}  // namespace ravel::sched
