#include "runtime/http/url.hpp"

#include <algorithm>
#include <vector>

#include "runtime/http/characters.hpp"

namespace ravel::http_text {

namespace {

bool percent_decode(std::string_view raw, bool plus_is_space, std::string& out) {
  bool whole = true;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (raw[i] != '%') {
      out += raw[i];
    } else if (i + 2 < raw.size() && hex_value(raw[i + 1]) >= 0 && hex_value(raw[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(raw[i + 1]) * 16 + hex_value(raw[i + 2]));
      i += 2;
    } else {
      out += '%';
      whole = false;
    }
  }
  return whole;
}

std::string percent_encode(std::string_view text, std::string_view kept) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    if (is_letter(c) || is_digit(c) || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto u = static_cast<unsigned char>(c);
      out += {'%', digits[u >> 4], digits[u & 15]};
    }
  }
  return out;
}

}  // namespace

std::optional<url_parts> parse_url(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos || colon == 0) return {};
  url_parts parts;
  for (char c : url.substr(0, colon)) {
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return {};
    parts.scheme += lower(c);
  }
  url.remove_prefix(colon + 3);
  url = url.substr(0, url.find('#'));
  const std::size_t end_of_host = std::min(url.find_first_of("/?"), url.size());
  parts.host = url.substr(0, end_of_host);
  url.remove_prefix(end_of_host);
  if (parts.host.empty() || parts.host.front() == ':' || !is_host(parts.host)) return {};
  const std::size_t question = std::min(url.find('?'), url.size());
  parts.path = question == 0 ? "/" : std::string(url.substr(0, question));
  if (question < url.size()) parts.query = url.substr(question + 1);
  if (!is_target(parts.path) || (!parts.query.empty() && !is_target(parts.query)) || !decode_path(parts.path)) return {};
  return parts;
}

namespace {

// RFC 3986, 5.2.4. Unlike clean_path it keeps empty segments: "a//b" is another name than "a/b".
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_with_slash = false;
  for (bool more = true; more;) {
    path.remove_prefix(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash);
    more = !path.empty();
    const bool up = segment == "..";
    if (up && !kept.empty()) kept.pop_back();
    if (!up && segment != ".") kept.push_back(segment);
    else ends_with_slash = !more;
  }
  std::string out;
  for (std::string_view segment : kept) out.append("/").append(segment);
  if (ends_with_slash) out += '/';
  return out;
}

}  // namespace

std::optional<url_parts> resolve(const url_parts& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  const std::size_t colon = reference.find(':');
  if (colon != std::string_view::npos && colon < reference.find_first_of("/?")) return parse_url(reference);
  if (reference.starts_with("//")) return parse_url(base.scheme + ":" + std::string(reference));
  url_parts parts = base;
  if (reference.empty()) return parts;
  const std::size_t question = std::min(reference.find('?'), reference.size());
  parts.query = question < reference.size() ? reference.substr(question + 1) : std::string_view();
  const std::string_view path = reference.substr(0, question);
  if (path.starts_with('/')) parts.path = without_dot_segments(path);
  else if (!path.empty()) parts.path = without_dot_segments(base.path.substr(0, base.path.rfind('/') + 1) + std::string(path));
  if (!is_target(parts.path) || (!parts.query.empty() && !is_target(parts.query)) || !decode_path(parts.path)) return {};
  return parts;
}

std::optional<std::string> decode_path(std::string_view raw) {
  std::string out;
  if (!percent_decode(raw, false, out)) return {};
  return out;
}

std::string decode_query(std::string_view raw) {
  std::string out;
  percent_decode(raw, true, out);
  return out;
}

std::string encode_path(std::string_view path) { return percent_encode(path, "-_.~$&+,/:;=@!*'()"); }
std::string encode_query(std::string_view text) { return percent_encode(text, "-_.~"); }

std::string clean_path(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_with_slash = true;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, slash);
    ends_with_slash = slash < path.size() || segment == "." || segment == "..";
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (std::string_view segment : kept) out.append("/").append(segment);
  if (ends_with_slash) out += '/';
  return out;
}

bool is_host(std::string_view host) noexcept {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("!$%&'()*+,-.:;=[]_~").find(c) != std::string_view::npos;
  });
}

bool is_target(std::string_view target) noexcept {
  return !target.empty() && std::all_of(target.begin(), target.end(), [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7F; });
}

std::string with_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  return std::string(host) + (has_port ? "" : ":80");
}

}  // namespace ravel::http_text
