// The printf family: the strings it reads for %s and the buffer it writes. Other arguments are values, which the caller has read.

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <algorithm>

#include "detector/race/interposed/format_arguments.hpp"
#include "detector/race/interposed/libc_functions.hpp"
#include "detector/race/interposed/observed.hpp"

namespace ravel::detector {

namespace {

void reads(const char* format, va_list arguments, const void* frame) {
  if (!goroutine_observed() || this_thread.ignoring) return;
  record_read(format, ::strlen(format) + 1, frame);
  struct context { const void* frame; } c{frame};
  visit_format_memory(format, arguments, &c, [](void* argument, const void* memory, std::size_t size, bool written) {
    const void* at = static_cast<context*>(argument)->frame;
    if (written) record_written(memory, size, at);
    else record_read(memory, size, at);
  });
}

int wrote(int n, char* to, std::size_t most, const void* frame) {
  if (n >= 0) record_written(to, std::min(static_cast<std::size_t>(n) + 1, most), frame);
  return n;
}

}  // namespace

}  // namespace ravel::detector

using namespace ravel::detector;

// Arguments are visited before the call, which may overwrite what it reads.
#define RAVEL_FORMATTED(call)                             \
  va_list arguments;                                      \
  va_start(arguments, format);                            \
  reads(format, arguments, __builtin_frame_address(0));   \
  const int n = call;                                     \
  va_end(arguments)

extern "C" {

int vsnprintf(char* to, std::size_t most, const char* format, va_list arguments) noexcept {
  reads(format, arguments, __builtin_frame_address(0));
  return wrote(libc.vsnprintf(to, most, format, arguments), to, most, __builtin_frame_address(0));
}
int vsprintf(char* to, const char* format, va_list arguments) noexcept {
  reads(format, arguments, __builtin_frame_address(0));
  return wrote(libc.vsprintf(to, format, arguments), to, SIZE_MAX, __builtin_frame_address(0));
}
int vfprintf(FILE* f, const char* format, va_list arguments) {
  reads(format, arguments, __builtin_frame_address(0));
  return libc.vfprintf(f, format, arguments);
}
// <stdio.h> defines the name inline.
int ravel_interposed_vprintf(const char* format, va_list arguments) asm("vprintf");
int ravel_interposed_vprintf(const char* format, va_list arguments) {
  reads(format, arguments, __builtin_frame_address(0));
  return libc.vprintf(format, arguments);
}

int snprintf(char* to, std::size_t most, const char* format, ...) noexcept {
  RAVEL_FORMATTED(libc.vsnprintf(to, most, format, arguments));
  return wrote(n, to, most, __builtin_frame_address(0));
}
int sprintf(char* to, const char* format, ...) noexcept {
  RAVEL_FORMATTED(libc.vsprintf(to, format, arguments));
  return wrote(n, to, SIZE_MAX, __builtin_frame_address(0));
}
int fprintf(FILE* f, const char* format, ...) {
  RAVEL_FORMATTED(libc.vfprintf(f, format, arguments));
  return n;
}
int printf(const char* format, ...) {
  RAVEL_FORMATTED(libc.vprintf(format, arguments));
  return n;
}

}  // extern "C"
