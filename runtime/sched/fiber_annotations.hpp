#pragma once
// What AddressSanitizer and ThreadSanitizer must be told of stacks: nothing in a build without them. The presets asan and tsan build the
// runtime so. All of it is inlined into uninstrumented functions, as their interface demands.

#include "runtime/sched/machine.hpp"

#if RAVEL_FIBER_ANNOTATIONS

#include <pthread.h>

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#endif

#define RAVEL_UNINSTRUMENTED [[clang::disable_sanitizer_instrumentation]]
#define RAVEL_ANNOTATION [[clang::disable_sanitizer_instrumentation, gnu::always_inline]] inline

namespace ravel::sched::fibers {

RAVEL_ANNOTATION void to([[maybe_unused]] void** keep, [[maybe_unused]] const goroutine& next) {
#if __has_feature(address_sanitizer)
  __sanitizer_start_switch_fiber(keep, reinterpret_cast<const void*>(next.sanitizer_low), next.sanitizer_bytes);
#endif
#if __has_feature(thread_sanitizer)
  __tsan_switch_to_fiber(next.sanitizer_fiber, 0);
#endif
}

RAVEL_ANNOTATION void arrived([[maybe_unused]] goroutine& g) {
#if __has_feature(address_sanitizer)
  __sanitizer_finish_switch_fiber(g.sanitizer_stack, nullptr, nullptr);
#endif
}

// A stack of the thread's own.
inline void adopted(goroutine& g) {
#if __has_feature(address_sanitizer)
  pthread_attr_t a;
  ::pthread_getattr_np(::pthread_self(), &a);
  void* low = nullptr;
  ::pthread_attr_getstack(&a, &low, &g.sanitizer_bytes);
  ::pthread_attr_destroy(&a);
  g.sanitizer_low = reinterpret_cast<std::uintptr_t>(low);
#endif
#if __has_feature(thread_sanitizer)
  g.sanitizer_fiber = __tsan_get_current_fiber();
#endif
}

inline void born(goroutine& g) {
  g.sanitizer_stack = nullptr;
  g.sanitizer_low = g.stack_low;
  g.sanitizer_bytes = g.stack_high - g.stack_low;
#if __has_feature(address_sanitizer)
  __asan_unpoison_memory_region(reinterpret_cast<void*>(g.stack_low), g.stack_high - g.stack_low);
#endif
#if __has_feature(thread_sanitizer)
  g.sanitizer_fiber = __tsan_create_fiber(0);
#endif
}
inline void ended([[maybe_unused]] goroutine& g) {
#if __has_feature(thread_sanitizer)
  __tsan_destroy_fiber(g.sanitizer_fiber);
#endif
}

inline void born_scheduler(machine& m, const goroutine& stack) {
  m.scheduler_fiber.stack_low = stack.stack_low;
  m.scheduler_fiber.stack_high = stack.stack_high;
  born(m.scheduler_fiber);
}
inline void started_scheduler(machine& m) {
  if (m.scheduler_fiber.sanitizer_bytes == 0) adopted(m.scheduler_fiber);
}

RAVEL_ANNOTATION void leaving(goroutine& g, goroutine& next) { to(&g.sanitizer_stack, next); }
RAVEL_ANNOTATION void leaving_for_scheduler(goroutine& g, machine& m) { to(&g.sanitizer_stack, m.scheduler_fiber); }
RAVEL_ANNOTATION void leaving_scheduler(machine& m, goroutine& next) { to(&m.scheduler_fiber.sanitizer_stack, next); }
RAVEL_ANNOTATION void arrived_at_scheduler(machine& m) { arrived(m.scheduler_fiber); }

}  // namespace ravel::sched::fibers

#else

#define RAVEL_UNINSTRUMENTED

namespace ravel::sched::fibers {

inline void arrived(goroutine&) {}
inline void adopted(goroutine&) {}
inline void born(goroutine&) {}
inline void ended(goroutine&) {}
inline void born_scheduler(machine&, const goroutine&) {}
inline void started_scheduler(machine&) {}
inline void leaving(goroutine&, goroutine&) {}
inline void leaving_for_scheduler(goroutine&, machine&) {}
inline void leaving_scheduler(machine&, goroutine&) {}
inline void arrived_at_scheduler(machine&) {}

}  // namespace ravel::sched::fibers

#endif
