// assert() in a schedule fails that schedule, not the process.

#include <dlfcn.h>

#include <cassert>
#include <cstdlib>
#include <exception>
#include <string>

#include "runtime/hooks/controlled.hpp"

extern "C" [[noreturn]] void __assert_fail(const char* expression, const char* file, unsigned line, const char* function) noexcept {
  using namespace ravel;
  if (hooks::maybe_controlled() && hooks::in_controlled_run()) {
    if (hooks::being_unwound()) std::terminate();  // gives the goroutine's stack up
    hooks::end_schedule(hooks::ending::assertion,
                        (std::string("assertion failed: ") + expression + " (" + file + ":" + std::to_string(line) + ")").c_str());
  }
  using failing = void (*)(const char*, const char*, unsigned, const char*);
  if (const auto real = reinterpret_cast<failing>(::dlsym(RTLD_NEXT, "__assert_fail"))) real(expression, file, line, function);
  std::abort();
}
