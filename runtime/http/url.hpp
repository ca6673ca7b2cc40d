#pragma once
// URLs, as far as HTTP needs them (RFC 3986). Private to http/.

#include <optional>
#include <string>
#include <string_view>

namespace ravel::http_text {

struct url_parts {
  std::string scheme, host, path, query;  // path: as it was written, "/" when there was none
};

// An absolute URL of scheme "scheme://host..."; a fragment is dropped. Nothing when it is not one, or user and password stand in it.
std::optional<url_parts> parse_url(std::string_view url);
// As a link on the page `base`.
std::optional<url_parts> resolve(const url_parts& base, std::string_view reference);

std::optional<std::string> decode_path(std::string_view raw);   // %XX; nothing when malformed
std::string decode_query(std::string_view raw);                 // also '+'; what is malformed stays
std::string encode_path(std::string_view path);
std::string encode_query(std::string_view text);
std::string clean_path(std::string_view path);                  // "/a//b/../c/" -> "/a/c/"

bool is_host(std::string_view host) noexcept;                   // characters that a Host field may have
bool is_target(std::string_view target) noexcept;               // no space, no control character
std::string with_port(std::string_view host);                   // "name" -> "name:80"

}  // namespace ravel::http_text
