#include "detector/base/invariant.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ravel::detector {

namespace {
// Only write(2) and a stack buffer: the caller may hold any lock, malloc's included.
void say(const char* text, int length) {
  if (length > 0) (void)!::write(STDERR_FILENO, text, static_cast<std::size_t>(length));
}
}  // namespace

void invariant_failed(const char* condition, const char* file, int line) {
  char text[512];
  say(text, std::snprintf(text, sizeof text, "ravel: internal error: `%s` does not hold at %s:%d; this is a bug in Ravel, please report it\n",
                          condition, file, line));
  std::abort();
}

void environment_failed(const char* what) {
  char text[512];
  say(text, std::snprintf(text, sizeof text, "ravel: %s: %s\n", what, std::strerror(errno)));
  ::_exit(2);
}

}  // namespace ravel::detector
