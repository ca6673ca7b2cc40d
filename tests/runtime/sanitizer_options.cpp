// Under the presets asan and tsan. Ravel's own handler reports faults; what goroutines that wait for ever hold is not lost.

extern "C" {
[[gnu::used, gnu::visibility("default")]] const char* __asan_default_options() { return "detect_leaks=0:detect_stack_use_after_return=0:handle_segv=0"; }
[[gnu::used, gnu::visibility("default")]] const char* __tsan_default_options() { return "handle_segv=0"; }
}
