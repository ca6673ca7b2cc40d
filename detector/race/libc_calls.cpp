// Checked stand-ins for libc functions: same result, the memory they touch is checked. The pass redirects direct calls of user code.
// Where the extent is only known by doing it (strlen), the check follows; it would have raced just the same.

#include <cstring>
#include <cstdlib>

#include "detector/race/checked_range.hpp"
#include "runtime/abi/ravel_abi.h"

namespace {

using ravel::detector::check_range;

std::size_t least(std::size_t a, std::size_t b) { return a < b ? a : b; }

// How many bytes a comparison looked at: up to and including the first difference or terminator.
std::size_t compared(const char* a, const char* b, std::size_t most) {
  std::size_t i = 0;
  while (i < most && a[i] == b[i] && a[i] != '\0') ++i;
  return i < most ? i + 1 : most;
}

}  // namespace

extern "C" {

ravel_size __ravel_strlen(const char* s, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = std::strlen(s);
  check_range(s, n + 1, false, site, context, __builtin_frame_address(0));
  return n;
}
ravel_size __ravel_strnlen(const char* s, ravel_size most, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = ::strnlen(s, most);
  check_range(s, least(n + 1, most), false, site, context, __builtin_frame_address(0));
  return n;
}
int __ravel_strcmp(const char* a, const char* b, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = compared(a, b, static_cast<std::size_t>(-1));
  check_range(a, n, false, site, context, __builtin_frame_address(0));
  check_range(b, n, false, site, context, __builtin_frame_address(0));
  return std::strcmp(a, b);
}
int __ravel_strncmp(const char* a, const char* b, ravel_size most, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = compared(a, b, most);
  check_range(a, n, false, site, context, __builtin_frame_address(0));
  check_range(b, n, false, site, context, __builtin_frame_address(0));
  return std::strncmp(a, b, most);
}
int __ravel_memcmp(const void* a, const void* b, ravel_size n, const ravel_site* site, ravel_u64 context) {
  check_range(a, n, false, site, context, __builtin_frame_address(0));
  check_range(b, n, false, site, context, __builtin_frame_address(0));
  return std::memcmp(a, b, n);
}
int __ravel_bcmp(const void* a, const void* b, ravel_size n, const ravel_site* site, ravel_u64 context) {
  check_range(a, n, false, site, context, __builtin_frame_address(0));
  check_range(b, n, false, site, context, __builtin_frame_address(0));
  return std::memcmp(a, b, n);
}
char* __ravel_strcpy(char* to, const char* from, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = std::strlen(from) + 1;
  check_range(from, n, false, site, context, __builtin_frame_address(0));
  check_range(to, n, true, site, context, __builtin_frame_address(0));
  return std::strcpy(to, from);
}
char* __ravel_strncpy(char* to, const char* from, ravel_size n, const ravel_site* site, ravel_u64 context) {
  check_range(from, least(::strnlen(from, n) + 1, n), false, site, context, __builtin_frame_address(0));
  check_range(to, n, true, site, context, __builtin_frame_address(0));
  return std::strncpy(to, from, n);
}
char* __ravel_strcat(char* to, const char* from, const ravel_site* site, ravel_u64 context) {
  const std::size_t before = std::strlen(to), n = std::strlen(from) + 1;
  check_range(to, before + 1, false, site, context, __builtin_frame_address(0));
  check_range(from, n, false, site, context, __builtin_frame_address(0));
  check_range(to + before, n, true, site, context, __builtin_frame_address(0));
  return std::strcat(to, from);
}
char* __ravel_strchr(const char* s, int c, const ravel_site* site, ravel_u64 context) {
  char* found = const_cast<char*>(std::strchr(s, c));
  check_range(s, found != nullptr ? static_cast<std::size_t>(found - s) + 1 : std::strlen(s) + 1, false, site, context, __builtin_frame_address(0));
  return found;
}
char* __ravel_strrchr(const char* s, int c, const ravel_site* site, ravel_u64 context) {
  check_range(s, std::strlen(s) + 1, false, site, context, __builtin_frame_address(0));
  return const_cast<char*>(std::strrchr(s, c));
}
char* __ravel_strstr(const char* s, const char* what, const ravel_site* site, ravel_u64 context) {
  char* found = const_cast<char*>(std::strstr(s, what));
  const std::size_t n = std::strlen(what);
  check_range(what, n + 1, false, site, context, __builtin_frame_address(0));
  check_range(s, found != nullptr ? static_cast<std::size_t>(found - s) + n : std::strlen(s) + 1, false, site, context, __builtin_frame_address(0));
  return found;
}
void* __ravel_memchr(const void* s, int c, ravel_size n, const ravel_site* site, ravel_u64 context) {
  void* found = const_cast<void*>(std::memchr(s, c, n));
  check_range(s, found != nullptr ? static_cast<std::size_t>(static_cast<char*>(found) - static_cast<const char*>(s)) + 1 : n, false, site, context, __builtin_frame_address(0));
  return found;
}
char* __ravel_strdup(const char* s, const ravel_site* site, ravel_u64 context) {
  check_range(s, std::strlen(s) + 1, false, site, context, __builtin_frame_address(0));
  return ::strdup(s);
}
void* __ravel_memcpy(void* to, const void* from, ravel_size n, const ravel_site* site, ravel_u64 context) {
  check_range(from, n, false, site, context, __builtin_frame_address(0));
  check_range(to, n, true, site, context, __builtin_frame_address(0));
  return std::memcpy(to, from, n);
}
void* __ravel_memmove(void* to, const void* from, ravel_size n, const ravel_site* site, ravel_u64 context) {
  check_range(from, n, false, site, context, __builtin_frame_address(0));
  check_range(to, n, true, site, context, __builtin_frame_address(0));
  return std::memmove(to, from, n);
}
void* __ravel_memset(void* to, int c, ravel_size n, const ravel_site* site, ravel_u64 context) {
  check_range(to, n, true, site, context, __builtin_frame_address(0));
  return std::memset(to, c, n);
}

}  // extern "C"
