#include "runtime/diag/text.hpp"

#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime/diag/check.hpp"
#include "runtime/hooks/services.hpp"

namespace ravel::diag {

void write_stderr(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, text.data(), std::min<std::size_t>(text.size(), 4096));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void check_failed(const char* condition, const char* file, int line) {
  char text[512];
  const int n = std::snprintf(text, sizeof text, "ravel: internal error: `%s` does not hold at %s:%d; this is a bug in Ravel, please report it\n",
                              condition, file, line);
  write_stderr({text, static_cast<std::size_t>(n)});
  std::abort();
}

namespace {

bool starts_with_any(const char* text, std::initializer_list<const char*> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [text](const char* p) { return std::strncmp(text, p, std::strlen(p)) == 0; });
}

struct unwinding { std::uintptr_t* out; std::size_t room, count; };

_Unwind_Reason_Code keep(_Unwind_Context* context, void* argument) {
  auto& u = *static_cast<unwinding*>(argument);
  int before = 0;  // in a frame that a signal interrupted the address is of the instruction itself, not of the one after a call
  std::uintptr_t pc = _Unwind_GetIPInfo(context, &before);
  if (pc != 0 && before != 0) ++pc;
  if (pc == 0 || u.count == u.room) return _URC_END_OF_STACK;
  u.out[u.count++] = pc;
  return _URC_NO_REASON;
}

}  // namespace

std::size_t unwind_here(std::uintptr_t* out, std::size_t room) {
  unwinding u{out, room, 0};
  _Unwind_Backtrace(keep, &u);
  return u.count;
}

namespace {

// What lies between two functions of the program's: a dozen lines of std::invoke say nothing to a reader.
bool is_in_headers_between(const char* file) {
  return std::strstr(file, "/include/c++/") != nullptr || std::strstr(file, "/include/ravel/") != nullptr;
}

}  // namespace

std::string stack_text(const std::uintptr_t* return_addresses, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    hooks::symbolize(return_addresses[i] - 1, &text, [](void* argument, const hooks::source_frame& f) {
      const bool is_test = starts_with_any(f.function, {"ravel_body_of_"});  // of RAVEL_TEST, and so the user's
      if ((!is_test && starts_with_any(f.function, {"ravel::", "__libc_start", "_start", "start_thread", "clone", "make_fcontext", "ontop_fcontext",
                                       "jump_fcontext", "ravel_", "__ravel_", "__restore_rt", "_Unwind_", "trampoline"})) ||
          is_in_headers_between(f.file)) {
        return;
      }
      auto& out = *static_cast<std::string*>(argument);
      out += *f.function != '\0' ? f.function : "?";
      out += "\n\t";
      out += *f.file != '\0' ? f.file : "?";
      if (f.line != 0) out += ":" + std::to_string(f.line);
      out += '\n';
    });
  }
  return text;
}

}  // namespace ravel::diag
