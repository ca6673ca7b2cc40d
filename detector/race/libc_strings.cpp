// Checked stand-ins (see libc_calls.cpp), continued: the less common functions of <string.h> and <wchar.h>.

#include <algorithm>
#include <cstring>
#include <cwchar>

#include "detector/race/checked_range.hpp"
#include "runtime/abi/ravel_abi.h"

using ravel::detector::check_range;

#define RAVEL_READS(address, size) check_range(address, size, false, site, context, __builtin_frame_address(0))
#define RAVEL_WRITES(address, size) check_range(address, size, true, site, context, __builtin_frame_address(0))

namespace {

// How many bytes a comparison without case looked at: up to and including the first difference or terminator.
std::size_t compared_without_case(const char* a, const char* b, std::size_t most) {
  std::size_t i = 0;
  while (i < most && a[i] != '\0' && ::strncasecmp(a + i, b + i, 1) == 0) ++i;
  return i < most ? i + 1 : most;
}

}  // namespace

extern "C" {

int __ravel_strcasecmp(const char* a, const char* b, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = compared_without_case(a, b, static_cast<std::size_t>(-1));
  RAVEL_READS(a, n);
  RAVEL_READS(b, n);
  return ::strcasecmp(a, b);
}
int __ravel_strncasecmp(const char* a, const char* b, ravel_size most, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = compared_without_case(a, b, most);
  RAVEL_READS(a, n);
  RAVEL_READS(b, n);
  return ::strncasecmp(a, b, most);
}
ravel_size __ravel_strspn(const char* s, const char* set, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = std::strspn(s, set);
  RAVEL_READS(s, n + 1);
  RAVEL_READS(set, std::strlen(set) + 1);
  return n;
}
ravel_size __ravel_strcspn(const char* s, const char* set, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = std::strcspn(s, set);
  RAVEL_READS(s, n + 1);
  RAVEL_READS(set, std::strlen(set) + 1);
  return n;
}
char* __ravel_strpbrk(const char* s, const char* set, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = std::strcspn(s, set);
  RAVEL_READS(s, n + 1);
  RAVEL_READS(set, std::strlen(set) + 1);
  return s[n] == '\0' ? nullptr : const_cast<char*>(s + n);
}
char* __ravel_strcasestr(const char* s, const char* what, const ravel_site* site, ravel_u64 context) {
  char* found = const_cast<char*>(::strcasestr(s, what));
  const std::size_t n = std::strlen(what);
  RAVEL_READS(what, n + 1);
  RAVEL_READS(s, found != nullptr ? static_cast<std::size_t>(found - s) + n : std::strlen(s) + 1);
  return found;
}
char* __ravel_strtok_r(char* s, const char* set, char** rest, const ravel_site* site, ravel_u64 context) {
  if (s == nullptr) RAVEL_READS(rest, sizeof *rest);
  const char* start = s != nullptr ? s : *rest;
  // Without s and *rest there is nothing to look at: glibc returns null.
  const std::size_t skipped = start == nullptr ? 0 : std::strspn(start, set);
  const std::size_t length = start == nullptr ? 0 : std::strcspn(start + skipped, set);
  RAVEL_READS(set, std::strlen(set) + 1);
  if (start != nullptr) {
    RAVEL_READS(start, skipped + length + 1);
    if (length != 0 && start[skipped + length] != '\0') RAVEL_WRITES(start + skipped + length, 1);
  }
  RAVEL_WRITES(rest, sizeof *rest);
  return ::strtok_r(s, set, rest);
}
char* __ravel_stpcpy(char* to, const char* from, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = std::strlen(from) + 1;
  RAVEL_READS(from, n);
  RAVEL_WRITES(to, n);
  return ::stpcpy(to, from);
}
char* __ravel_strncat(char* to, const char* from, ravel_size most, const ravel_site* site, ravel_u64 context) {
  const std::size_t before = std::strlen(to), n = ::strnlen(from, most);
  RAVEL_READS(to, before + 1);
  RAVEL_READS(from, std::min(n + 1, most));
  RAVEL_WRITES(to + before, n + 1);
  return std::strncat(to, from, most);
}
char* __ravel_strndup(const char* s, ravel_size most, const ravel_site* site, ravel_u64 context) {
  RAVEL_READS(s, std::min(::strnlen(s, most) + 1, most));
  return ::strndup(s, most);
}
void* __ravel_mempcpy(void* to, const void* from, ravel_size n, const ravel_site* site, ravel_u64 context) {
  RAVEL_READS(from, n);
  RAVEL_WRITES(to, n);
  return static_cast<char*>(std::memcpy(to, from, n)) + n;
}
void* __ravel_memmem(const void* s, ravel_size n, const void* what, ravel_size length, const ravel_site* site, ravel_u64 context) {
  void* found = const_cast<void*>(::memmem(s, n, what, length));
  RAVEL_READS(what, length);
  RAVEL_READS(s, found != nullptr ? static_cast<std::size_t>(static_cast<char*>(found) - static_cast<const char*>(s)) + length : n);
  return found;
}
void* __ravel_memrchr(const void* s, int c, ravel_size n, const ravel_site* site, ravel_u64 context) {
  void* found = const_cast<void*>(::memrchr(s, c, n));
  const std::size_t unread = found != nullptr ? static_cast<std::size_t>(static_cast<char*>(found) - static_cast<const char*>(s)) : 0;
  RAVEL_READS(static_cast<const char*>(s) + unread, n - unread);
  return found;
}

ravel_size __ravel_wcslen(const wchar_t* s, const ravel_site* site, ravel_u64 context) {
  const std::size_t n = std::wcslen(s);
  RAVEL_READS(s, (n + 1) * sizeof *s);
  return n;
}
wchar_t* __ravel_wmemcpy(wchar_t* to, const wchar_t* from, ravel_size n, const ravel_site* site, ravel_u64 context) {
  RAVEL_READS(from, n * sizeof *from);
  RAVEL_WRITES(to, n * sizeof *to);
  return std::wmemcpy(to, from, n);
}
wchar_t* __ravel_wmemmove(wchar_t* to, const wchar_t* from, ravel_size n, const ravel_site* site, ravel_u64 context) {
  RAVEL_READS(from, n * sizeof *from);
  RAVEL_WRITES(to, n * sizeof *to);
  return std::wmemmove(to, from, n);
}
wchar_t* __ravel_wmemset(wchar_t* to, wchar_t c, ravel_size n, const ravel_site* site, ravel_u64 context) {
  RAVEL_WRITES(to, n * sizeof *to);
  return std::wmemset(to, c, n);
}
int __ravel_wmemcmp(const wchar_t* a, const wchar_t* b, ravel_size n, const ravel_site* site, ravel_u64 context) {
  RAVEL_READS(a, n * sizeof *a);
  RAVEL_READS(b, n * sizeof *b);
  return std::wmemcmp(a, b, n);
}

}  // extern "C"
