#include "runtime/http/characters.hpp"
#include "runtime/http/client_connection.hpp"
#include "runtime/http/url.hpp"

namespace ravel::http_text {

namespace {

// These say how the message ends; they are written here, from what the request is, not from what somebody put into its headers.
bool is_framing(std::string_view name) {
  for (std::string_view framing : {"Host", "Content-Length", "Transfer-Encoding", "Trailer", "Connection", "Keep-Alive", "Proxy-Connection"}) {
    if (http::equal_fold(name, framing)) return true;
  }
  return false;
}

bool may_be_trailer(std::string_view name) { return is_token(name) && !is_framing(name); }

}  // namespace

bool put_request_header(std::string& out, const http::request& r) {
  if (!is_token(r.method) || r.host.empty() || !is_host(r.host)) return false;
  std::string target = r.target;
  if (target.empty()) target = encode_path(r.path.empty() ? "/" : r.path) + (r.query.empty() ? "" : "?" + r.query.raw());
  if (!is_target(target)) return false;
  out.append(r.method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(r.host).append("\r\n");
  bool has_agent = false;
  std::string upgrade;
  for (const auto& [name, value] : r.headers) {
    if (!is_token(name) || !is_field_value(value)) return false;
    if (http::equal_fold(name, "Connection")) {
      for_each_element(value, [&](std::string_view e) {
        if (http::equal_fold(e, "upgrade")) upgrade = "Upgrade";
      });
    }
    has_agent |= http::equal_fold(name, "User-Agent");
    if (!is_framing(name)) out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!has_agent) out.append("User-Agent: Ravel-http-client/1.1\r\n");
  if (r.close) out.append("Connection: close\r\n");
  else if (!upgrade.empty()) out.append("Connection: Upgrade\r\n");
  const std::int64_t size = r.trailers.empty() ? r.body.size() : -1;
  if (size > 0 || (size == 0 && (r.method == "POST" || r.method == "PUT" || r.method == "PATCH"))) {
    out.append("Content-Length: ").append(std::to_string(size)).append("\r\n");
  } else if (size < 0) {
    out.append("Transfer-Encoding: chunked\r\n");
    std::string names;
    for (const auto& [name, value] : r.trailers) {
      if (!may_be_trailer(name) || !is_field_value(value)) return false;
      names += (names.empty() ? "" : ", ") + name;
    }
    if (!names.empty()) out.append("Trailer: ").append(names).append("\r\n");
  }
  out.append("\r\n");
  return true;
}

}  // namespace ravel::http_text
