#include "detector/race/interposed/format_arguments.hpp"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

namespace ravel::detector {

namespace {

enum class length { none, hh, h, l, ll, j, z, t, L };

length read_length(const char*& p) {
  switch (*p) {
    case 'h': return *++p == 'h' ? (++p, length::hh) : length::h;
    case 'l': return *++p == 'l' ? (++p, length::ll) : length::l;
    case 'q': return ++p, length::ll;
    case 'j': return ++p, length::j;
    case 'z':
    case 'Z': return ++p, length::z;
    case 't': return ++p, length::t;
    case 'L': return ++p, length::L;
    default: return length::none;
  }
}

std::size_t bytes_of(length l) {
  switch (l) {
    case length::hh: return 1;
    case length::h: return 2;
    case length::none: return 4;
    default: return 8;
  }
}

// A number in the format or, for *, among the arguments; -1 when there is none.
int read_number(const char*& p, va_list arguments) {
  if (*p == '*') {
    ++p;
    return va_arg(arguments, int);
  }
  int n = -1;
  for (; *p >= '0' && *p <= '9'; ++p) n = (n < 0 ? 0 : n) * 10 + (*p - '0');
  return n;
}

void skip_integer(length l, va_list arguments) {
  if (bytes_of(l) == 8) (void)va_arg(arguments, long long);
  else (void)va_arg(arguments, int);
}

}  // namespace

void visit_format_memory(const char* format, va_list original, void* context,
                         void (*visit)(void* context, const void* memory, std::size_t size, bool written)) {
  va_list arguments;
  va_copy(arguments, original);
  for (const char* p = format; (p = ::strchr(p, '%')) != nullptr;) {
    ++p;
    p += ::strspn(p, "-+ #0'I");
    read_number(p, arguments);
    if (*p == '$') break;
    int precision = -1;
    if (*p == '.') {
      ++p;
      precision = read_number(p, arguments);
      if (precision < 0 && p[-1] == '.') precision = 0;  // "%.s"
      if (*p == '$') break;
    }
    const length l = read_length(p);
    const char conversion = *p;
    if (conversion == '\0') break;
    ++p;
    if (::strchr("diouxXc", conversion) != nullptr) {
      skip_integer(conversion == 'c' ? length::none : l, arguments);
    } else if (::strchr("eEfFgGaA", conversion) != nullptr) {
      if (l == length::L) (void)va_arg(arguments, long double);
      else (void)va_arg(arguments, double);
    } else if (conversion == 's' && l == length::none) {
      const char* s = va_arg(arguments, const char*);
      if (s == nullptr) continue;  // glibc prints (null)
      const std::size_t n = precision < 0 ? ::strlen(s) : ::strnlen(s, static_cast<std::size_t>(precision));
      visit(context, s, precision < 0 || n < static_cast<std::size_t>(precision) ? n + 1 : n, false);
    } else if (conversion == 'S' || conversion == 's') {
      const wchar_t* s = va_arg(arguments, const wchar_t*);
      // With a precision, in bytes of the result, how much is read depends on the locale.
      if (s != nullptr && precision < 0) visit(context, s, (::wcslen(s) + 1) * sizeof *s, false);
    } else if (conversion == 'p') {
      (void)va_arg(arguments, void*);
    } else if (conversion == 'n') {
      visit(context, va_arg(arguments, void*), bytes_of(l), true);
    } else if (conversion != '%' && conversion != 'm') {
      break;
    }
  }
  va_end(arguments);
}

}  // namespace ravel::detector
