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

}  // namespace

std::string short_name(std::string name) {
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

bool is_library_frame(const frame& f) { return f.file.find("/include/c++/") != std::string::npos; }

}  // namespace ravel::detector::report
