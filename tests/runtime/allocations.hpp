#pragma once

// How often this thread has called operator new. A goroutine that does not park stays on its thread.
long allocations_here();

// ThreadSanitizer brings an operator new of its own that cannot be replaced.
#if defined(__has_feature) && __has_feature(thread_sanitizer)
inline constexpr bool allocations_are_counted = false;
#else
inline constexpr bool allocations_are_counted = true;
#endif
