// Checked stand-ins (see libc_calls.cpp), continued: functions that turn text into numbers, fill in a structure, or step a seed.

#include <arpa/inet.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "detector/race/checked_range.hpp"
#include "runtime/abi/ravel_abi.h"

using ravel::detector::check_range;

#define RAVEL_READS(address, size) check_range(address, size, false, site, context, __builtin_frame_address(0))
#define RAVEL_WRITES(address, size) check_range(address, size, true, site, context, __builtin_frame_address(0))

// Reads up to and including the character that ends the number.
#define RAVEL_NUMBER(type, name, parse)                                                                     \
  type __ravel_##name(const char* s, char** end, int base, const ravel_site* site, ravel_u64 context) {     \
    char* last = nullptr;                                                                                   \
    const type n = parse(s, &last, base);                                                                   \
    RAVEL_READS(s, static_cast<std::size_t>(last - s) + 1);                                                 \
    if (end != nullptr) {                                                                                   \
      RAVEL_WRITES(end, sizeof *end);                                                                       \
      *end = last;                                                                                          \
    }                                                                                                       \
    return n;                                                                                               \
  }
#define RAVEL_REAL_NUMBER(type, name, parse)                                                                \
  type __ravel_##name(const char* s, char** end, const ravel_site* site, ravel_u64 context) {               \
    char* last = nullptr;                                                                                   \
    const type n = parse(s, &last);                                                                         \
    RAVEL_READS(s, static_cast<std::size_t>(last - s) + 1);                                                 \
    if (end != nullptr) {                                                                                   \
      RAVEL_WRITES(end, sizeof *end);                                                                       \
      *end = last;                                                                                          \
    }                                                                                                       \
    return n;                                                                                               \
  }

extern "C" {

RAVEL_NUMBER(long, strtol, std::strtol)
RAVEL_NUMBER(unsigned long, strtoul, std::strtoul)
RAVEL_NUMBER(long long, strtoll, std::strtoll)
RAVEL_NUMBER(unsigned long long, strtoull, std::strtoull)
RAVEL_REAL_NUMBER(double, strtod, std::strtod)
RAVEL_REAL_NUMBER(float, strtof, std::strtof)

int __ravel_atoi(const char* s, const ravel_site* site, ravel_u64 context) {
  return static_cast<int>(__ravel_strtol(s, nullptr, 10, site, context));
}
long __ravel_atol(const char* s, const ravel_site* site, ravel_u64 context) { return __ravel_strtol(s, nullptr, 10, site, context); }
long long __ravel_atoll(const char* s, const ravel_site* site, ravel_u64 context) { return __ravel_strtoll(s, nullptr, 10, site, context); }
double __ravel_atof(const char* s, const ravel_site* site, ravel_u64 context) { return __ravel_strtod(s, nullptr, site, context); }

int __ravel_clock_gettime(int clock, void* to, const ravel_site* site, ravel_u64 context) {
  const int failed = ::clock_gettime(clock, static_cast<timespec*>(to));
  if (failed == 0) RAVEL_WRITES(to, sizeof(timespec));
  return failed;
}
int __ravel_gettimeofday(void* to, void* zone, const ravel_site* site, ravel_u64 context) {
  const int failed = ::gettimeofday(static_cast<timeval*>(to), zone);
  if (failed == 0 && to != nullptr) RAVEL_WRITES(to, sizeof(timeval));
  return failed;
}
long __ravel_time(long* to, const ravel_site* site, ravel_u64 context) {
  if (to != nullptr) RAVEL_WRITES(to, sizeof *to);
  return ::time(to);
}
void* __ravel_localtime_r(const long* at, void* to, const ravel_site* site, ravel_u64 context) {
  RAVEL_READS(at, sizeof *at);
  RAVEL_WRITES(to, sizeof(tm));
  return ::localtime_r(at, static_cast<tm*>(to));
}
void* __ravel_gmtime_r(const long* at, void* to, const ravel_site* site, ravel_u64 context) {
  RAVEL_READS(at, sizeof *at);
  RAVEL_WRITES(to, sizeof(tm));
  return ::gmtime_r(at, static_cast<tm*>(to));
}
long __ravel_mktime(void* fields, const ravel_site* site, ravel_u64 context) {
  RAVEL_WRITES(fields, sizeof(tm));  // normalises them
  return ::mktime(static_cast<tm*>(fields));
}
ravel_size __ravel_strftime(char* to, ravel_size most, const char* format, const void* fields, const ravel_site* site, ravel_u64 context) {
  RAVEL_READS(format, std::strlen(format) + 1);
  RAVEL_READS(fields, sizeof(tm));
  const std::size_t n = ::strftime(to, most, format, static_cast<const tm*>(fields));
  if (n != 0) RAVEL_WRITES(to, n + 1);
  return n;
}
const char* __ravel_inet_ntop(int family, const void* address, char* to, ravel_u32 size, const ravel_site* site, ravel_u64 context) {
  const char* text = ::inet_ntop(family, address, to, size);
  if (text != nullptr) {
    RAVEL_READS(address, family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
    RAVEL_WRITES(to, std::strlen(to) + 1);
  }
  return text;
}
int __ravel_inet_pton(int family, const char* text, void* to, const ravel_site* site, ravel_u64 context) {
  RAVEL_READS(text, std::strlen(text) + 1);
  const int done = ::inet_pton(family, text, to);
  if (done == 1) RAVEL_WRITES(to, family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
  return done;
}
char* __ravel_getcwd(char* to, ravel_size size, const ravel_site* site, ravel_u64 context) {
  char* path = ::getcwd(to, size);
  if (path != nullptr && path == to) RAVEL_WRITES(to, std::strlen(to) + 1);
  return path;
}
int __ravel_rand_r(unsigned* seed, const ravel_site* site, ravel_u64 context) {
  RAVEL_WRITES(seed, sizeof *seed);
  return ::rand_r(seed);
}

}  // extern "C"
