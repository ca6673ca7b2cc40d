#pragma once
// Patterns of serve_mux, and which of two is more specific. Go 1.22 net/http/pattern.go; private to http/.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ravel::http_text {

struct segment {
  enum class kind : std::uint8_t { literal, wildcard, rest };  // rest: "{name...}", or the slash at the end, which has no name
  kind is = kind::literal;
  std::string text;  // decoded literal, "/" for the end of a path that ends with one ("{$}"); else the name
};

struct pattern {
  std::string written, method, host;  // "": any
  std::vector<segment> segments;      // at least one

  bool takes_rest() const noexcept { return segments.back().is == segment::kind::rest; }
};

pattern parse_pattern(std::string_view text);  // throws panic_error, which says what is wrong

enum class relation : std::uint8_t { equivalent, more_general, more_specific, disjoint, overlaps };
relation compare(const pattern& a, const pattern& b);  // by method and path; hosts are another matter

}  // namespace ravel::http_text
