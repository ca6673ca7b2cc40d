#include "detector/race/interposed/libc_functions.hpp"

#include <dlfcn.h>

#include "detector/base/invariant.hpp"

namespace ravel::detector {

constinit libc_functions libc{};

namespace {

void* find(const char* name, const char* version) {
  if (*version == '?') return ::dlsym(RTLD_NEXT, name);
  void* f = *version != '\0' ? ::dlvsym(RTLD_NEXT, name, version) : ::dlsym(RTLD_NEXT, name);
  if (f == nullptr) environment_failed("this C library lacks a thread function that glibc 2.34 has");
  return f;
}

}  // namespace

void find_libc_functions() {
#define RAVEL_LIBC(name, version) libc.name = reinterpret_cast<decltype(libc.name)>(find(#name, version));
#include "detector/race/interposed/libc_functions.def"
#undef RAVEL_LIBC
}

}  // namespace ravel::detector
