#include "runtime/http/pattern.hpp"

#include <algorithm>

#include "runtime/http/characters.hpp"
#include "runtime/http/url.hpp"
#include "runtime/include/ravel/error.hpp"

namespace ravel::http_text {

namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw panic_error("http: parsing pattern \"" + std::string(text) + "\": " + std::string(why));
}

bool is_name(std::string_view s) {
  return !s.empty() && !is_digit(s[0]) && std::all_of(s.begin(), s.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

segment parse_wildcard(std::string_view whole, std::string_view inside, bool last) {
  if (inside == "$") {
    if (!last) refuse(whole, "{$} not at end");
    return {segment::kind::literal, "/"};
  }
  const bool rest = inside.ends_with("...");
  if (rest) inside.remove_suffix(3);
  if (rest && !last) refuse(whole, "{...} wildcard not at end");
  if (inside.empty()) refuse(whole, "empty wildcard");
  if (!is_name(inside)) refuse(whole, "bad wildcard name \"" + std::string(inside) + "\"");
  return {rest ? segment::kind::rest : segment::kind::wildcard, std::string(inside)};
}

relation combine(relation a, relation b) {
  using enum relation;
  if (a == equivalent) return b;
  if (a == disjoint || b == disjoint) return disjoint;
  if (b == equivalent) return a;
  return a == b ? a : overlaps;
}

relation compare_methods(const std::string& a, const std::string& b) {
  using enum relation;
  if (a == b) return equivalent;
  if (a.empty() || (a == "GET" && b == "HEAD")) return more_general;
  if (b.empty() || (b == "GET" && a == "HEAD")) return more_specific;
  return disjoint;
}

relation compare_segments(const segment& a, const segment& b) {
  using enum relation;
  using kind = segment::kind;
  if (a.is == b.is) return a.is != kind::literal || a.text == b.text ? equivalent : disjoint;
  if (a.is == kind::rest) return more_general;
  if (b.is == kind::rest) return more_specific;
  // One is a literal, which a wildcard matches unless it is the end of the path.
  if (a.is == kind::wildcard) return b.text == "/" ? disjoint : more_general;
  return a.text == "/" ? disjoint : more_specific;
}

}  // namespace

pattern parse_pattern(std::string_view text) {
  if (text.empty()) refuse(text, "empty pattern");
  pattern p;
  p.written = text;
  std::string_view rest = text;
  if (const std::size_t space = rest.find_first_of(" \t"); space != rest.npos) {
    p.method = rest.substr(0, space);
    if (!is_token(p.method)) refuse(text, "invalid method \"" + p.method + "\"");
    rest = trim(rest.substr(space));
  }
  const std::size_t slash = rest.find('/');
  if (slash == rest.npos) refuse(text, "host/path missing /");
  p.host = rest.substr(0, slash);
  if (p.host.find('{') != p.host.npos) refuse(text, "host contains '{' (missing initial '/'?)");
  rest.remove_prefix(slash);
  if (p.method != "CONNECT" && clean_path(rest) != rest) refuse(text, "non-CONNECT pattern with unclean path can never match");
  std::vector<std::string> names;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    if (rest.empty()) {
      p.segments.push_back({segment::kind::rest, ""});
      break;
    }
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end);
    const std::size_t brace = part.find('{');
    if (brace == part.npos) {
      const auto decoded = decode_path(part);
      p.segments.push_back({segment::kind::literal, decoded ? *decoded : std::string(part)});
      continue;
    }
    if (brace != 0 || part.back() != '}') refuse(text, "bad wildcard segment (must be whole)");
    segment s = parse_wildcard(text, part.substr(1, part.size() - 2), rest.empty());
    if (s.is != segment::kind::literal) {
      if (std::find(names.begin(), names.end(), s.text) != names.end()) refuse(text, "duplicate wildcard name \"" + s.text + "\"");
      names.push_back(s.text);
    }
    p.segments.push_back(std::move(s));
  }
  return p;
}

relation compare(const pattern& a, const pattern& b) {
  using enum relation;
  const relation methods = compare_methods(a.method, b.method);
  if (methods == disjoint) return disjoint;
  const std::size_t shared = std::min(a.segments.size(), b.segments.size());
  relation paths = equivalent;
  for (std::size_t i = 0; i < shared; ++i) paths = combine(paths, compare_segments(a.segments[i], b.segments[i]));
  if (a.segments.size() < b.segments.size()) paths = a.takes_rest() ? combine(paths, more_general) : disjoint;
  if (b.segments.size() < a.segments.size()) paths = b.takes_rest() ? combine(paths, more_specific) : disjoint;
  return combine(methods, paths);
}

}  // namespace ravel::http_text
