#include "detector/report/names.hpp"

#include <string_view>

namespace ravel::detector::report {

namespace {

void replace_all(std::string& s, std::string_view from, std::string_view to) {
  for (std::size_t at = s.find(from); at != s.npos; at = s.find(from, at + to.size())) s.replace(at, from.size(), to);
}

// One past the `>` that closes the `<` at `open`; npos when there is none.
std::size_t after_angle(const std::string& s, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < s.size(); ++i) {
    if (s[i] == '<') ++depth;
    if (s[i] == '>' && s[i - 1] != '-' && --depth == 0) return i + 1;
  }
  return s.npos;
}

// ", std::allocator<...>" as the last argument of a template, and its like.
void drop_argument(std::string& s, std::string_view argument) {
  for (std::size_t at = s.find(argument); at != s.npos; at = s.find(argument, at)) {
    const std::size_t end = after_angle(s, at + argument.size() - 1);
    if (end == s.npos) return;
    s.erase(at, end - at);
    if (at < s.size() && s[at] == ' ') s.erase(at, 1);
  }
}

// The demangler puts the return type before instantiations of templates: what stands before the last space outside all brackets that
// precedes the parameters.
void drop_return_type(std::string& s) {
  constexpr std::string_view deduced = "decltype(auto) ";
  if (s.starts_with(deduced)) s.erase(0, deduced.size());
  if (s.find("operator ") != s.npos) return;  // operator bool() has a space of its own
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '<' || s[i] == '{') ++depth;
    if ((s[i] == '>' && i != 0 && s[i - 1] != '-') || s[i] == '}') --depth;
    if (depth != 0) continue;
    if (s[i] == '(') break;
    if (s[i] == ' ') begin = i + 1;
  }
  s.erase(0, begin);
}

// Clang's $_0 is the first lambda of its function; the call operator says nothing more.
void respell_lambdas(std::string& s) {
  for (std::size_t at = s.find("$_"); at != s.npos; at = s.find("$_", at + 1)) {
    std::size_t end = at + 2;
    while (end < s.size() && s[end] >= '0' && s[end] <= '9') ++end;
    if (end == at + 2) continue;
    s.replace(at, end - at, "{lambda#" + std::to_string(std::stoul(s.substr(at + 2, end - at - 2)) + 1) + "}");
  }
  constexpr std::string_view call = "}::operator()(";
  const std::size_t at = s.rfind(call);
  if (at == s.npos) return;
  s.erase(at + 1, call.size() - 2);
  if (s.ends_with(" const")) s.erase(s.size() - 6);
}

}  // namespace

std::string short_name(std::string name) {
  drop_return_type(name);
  respell_lambdas(name);
  replace_all(name, "std::__cxx11::", "std::");
  replace_all(name, "ravel::v1_race::", "ravel::");
  replace_all(name, "ravel::v1::", "ravel::");
  replace_all(name, "std::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string");
  replace_all(name, "std::basic_string<char, std::char_traits<char>, std::allocator<char>>", "std::string");
  replace_all(name, "std::basic_string_view<char, std::char_traits<char> >", "std::string_view");
  replace_all(name, "std::basic_string_view<char, std::char_traits<char>>", "std::string_view");
  for (const char* argument : {", std::allocator<", ", std::default_delete<", ", std::less<", ", std::hash<", ", std::equal_to<"}) {
    drop_argument(name, argument);
  }
  replace_all(name, "(anonymous namespace)::", "");
  replace_all(name, "[abi:cxx11]", "");
  return name;
}

bool is_library_frame(const frame& f) {
  return f.file.find("/include/c++/") != std::string::npos || f.file.find("/bits/gthr") != std::string::npos ||
         f.file.find("/detector/standard/") != std::string::npos || f.module.find("/libstdc++.so") != std::string::npos;
}

const frame* own_frame(const stack& s) {
  for (const frame& f : s) {
    if (!is_library_frame(f) && f.line != 0) return &f;
  }
  return s.empty() ? nullptr : &s.front();
}

}  // namespace ravel::detector::report
