#pragma once
// Leaving one stack for another. On x86-64 our own few instructions; elsewhere, or with RAVEL_PORTABLE_SWITCH, Boost.Context behind the
// same interface. Measured here: ours 2-3 ns a switch, jump_fcontext 5-6 ns, and 72-75 ns when the two sides' MXCSR exception flags
// differ, since it loads the register always. We load it only when its control bits differ: rounding and masks belong to the goroutine,
// the exception flags to the thread.
//
// A suspended stack's context is its stack pointer; what it needs to go on lies there.

#include <cstdint>

namespace ravel::sched {

using context = void*;

#if defined(__x86_64__) && !defined(RAVEL_PORTABLE_SWITCH)

extern "C" {
void* ravel_switch(context* save, context to, void* value);
void* ravel_switch_on_top(context* save, context to, void* value, void* (*f)(void*));
}

// Inlined and uninstrumented: ThreadSanitizer would count an entry on one stack and the exit on another.
#define RAVEL_SWITCHES [[clang::disable_sanitizer_instrumentation, gnu::always_inline]] inline

// Suspends the caller in *save and resumes `to`, whose switch_context returns `value`. Returns the value somebody resumes the caller with.
RAVEL_SWITCHES void* switch_context(context* save, context to, void* value) { return ravel_switch(save, to, value); }

// The same, but f(value) runs first on the resumed stack, as if the code there had called it; its result is what the switch there returns.
RAVEL_SWITCHES void* switch_on_top(context* save, context to, void* value, void* (*f)(void*)) { return ravel_switch_on_top(save, to, value, f); }

#undef RAVEL_SWITCHES

#else

void* switch_context(context* save, context to, void* value);
void* switch_on_top(context* save, context to, void* value, void* (*f)(void*));

#endif

// The frame pointer of the code that is suspended there; 0 where the portable switch does not say.
std::uintptr_t frame_pointer_of(context suspended) noexcept;

// The first switch to it calls entry(value) on the stack that ends at `top`; entry never returns.
context make_context(std::uintptr_t top, std::uintptr_t low, void (*entry)(void* value));

}  // namespace ravel::sched
