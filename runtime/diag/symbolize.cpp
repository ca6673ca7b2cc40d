// Program counters and addresses to source names, by libbacktrace (reads DWARF, knows inlined functions).
//
// Strings handed out live for ever: each distinct one is kept once.

#include <backtrace.h>
#include <cxxabi.h>
#include <dlfcn.h>

#include <cctype>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "runtime/hooks/hooks.hpp"
#include "runtime/hooks/services.hpp"

namespace ravel::hooks {

namespace {

backtrace_state* state() {
  // An error callback that says nothing: a binary without debug information is no error here, its frames have no line.
  static backtrace_state* const s = backtrace_create_state(nullptr, 1, [](void*, const char*, int) {}, nullptr);
  return s;
}

const char* keep(const std::string& text) {
  static std::mutex& lock = *new std::mutex;
  static auto& kept = *new std::unordered_set<std::string>;
  const own_use ours;
  const std::lock_guard hold(lock);
  return kept.insert(text).first->c_str();
}

// The qualified name at the beginning of a mangled one that the library cannot read (constraints of templates, for one): ravel::go<...>.
std::string outline(std::string_view mangled) {
  std::string_view rest = mangled;
  if (!rest.starts_with("_Z")) return std::string(mangled);
  rest.remove_prefix(2);
  while (rest.starts_with('Z')) rest.remove_prefix(1);
  if (rest.starts_with('N')) rest.remove_prefix(1);
  while (!rest.empty() && std::strchr("rVKRO", rest.front()) != nullptr) rest.remove_prefix(1);
  std::string text;
  while (!rest.empty() && std::isdigit(static_cast<unsigned char>(rest.front())) != 0) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (error != std::errc{} || length > rest.size()) break;
    if (!text.empty()) text += "::";
    text += rest.substr(0, length);
    rest.remove_prefix(length);
  }
  if (rest.starts_with('I')) text += "<...>";
  return text.empty() ? std::string(mangled) : text;
}

const char* demangled(const char* name) {
  if (name == nullptr) return "";
  if (name[0] != '_' || name[1] != 'Z') return keep(name);  // the demangler would take "x" for the type long long
  int status = 0;
  char* readable = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  if (readable == nullptr) return keep(outline(name));
  const std::string text(readable);
  std::free(readable);
  return keep(text);
}

// libbacktrace puts the compilation folder before names that are absolute already.
const char* path_of(const char* file) {
  const char* again = std::strstr(file, "//");
  return again == nullptr ? file : again + 1;
}

struct emission {
  void* context;
  void (*emit)(void*, const source_frame&);
  bool emitted;
};

const char* symbol_of(std::uintptr_t pc) {
  const char* name = "";
  backtrace_syminfo(
      state(), pc, [](void* out, std::uintptr_t, const char* symbol, std::uintptr_t, std::uintptr_t) { *static_cast<const char**>(out) = demangled(symbol); },
      [](void*, const char*, int) {}, &name);
  return name;
}

}  // namespace

void symbolize(std::uintptr_t pc, void* context, void (*emit)(void* context, const source_frame& frame)) {
  emission e{context, emit, false};
  backtrace_pcinfo(
      state(), pc,
      [](void* argument, std::uintptr_t at, const char* file, int line, const char* function) {
        auto& em = *static_cast<emission*>(argument);
        if (function == nullptr && file == nullptr) return 0;
        const source_frame frame{function != nullptr ? demangled(function) : symbol_of(at), file != nullptr ? keep(path_of(file)) : "", line};
        em.emit(em.context, frame);
        em.emitted = true;
        return 0;
      },
      [](void*, const char*, int) {}, &e);
  if (!e.emitted) emit(context, source_frame{symbol_of(pc), "", 0});
}

bool symbolize_data(std::uintptr_t address, data_symbol& symbol) {
  symbol = {nullptr, 0, 0};
  backtrace_syminfo(
      state(), address,
      [](void* argument, std::uintptr_t at, const char* name, std::uintptr_t start, std::uintptr_t size) {
        if (name == nullptr || at < start || at >= start + size) return;
        *static_cast<data_symbol*>(argument) = {demangled(name), start, size};
      },
      [](void*, const char*, int) {}, &symbol);
  return symbol.name != nullptr;
}

}  // namespace ravel::hooks
