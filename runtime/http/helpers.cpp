// What handlers are made of besides the mux.

#include <algorithm>

#include "runtime/http/characters.hpp"
#include "runtime/http/url.hpp"
#include "runtime/include/ravel/defer.hpp"
#include "runtime/include/ravel/http.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace http {

void error(response_writer& w, std::string_view message, int status) {
  w.headers().erase("Content-Length");
  w.header("Content-Type", "text/plain; charset=utf-8");
  w.header("X-Content-Type-Options", "nosniff");
  w.write_header(status);
  w.write(std::string(message) + "\n");
}

void not_found(response_writer& w, request&) { error(w, "404 page not found", 404); }

void redirect(response_writer& w, const request& r, std::string_view url, int status) {
  std::string to(url);
  const bool is_absolute = url.substr(0, url.find_first_of("/?#")).ends_with(':');  // a scheme; elsewhere "://" may stand in a query
  if (!is_absolute && !url.starts_with('/')) to = http_text::encode_path(r.path.substr(0, r.path.rfind('/') + 1)) + to;
  // Two slashes at the beginning would name another host.
  while (!is_absolute && to.starts_with("//")) to.erase(0, 1);
  w.header("Location", to);
  if (r.method != "GET" && r.method != "HEAD") return w.write_header(status);
  if (!w.headers().has("Content-Type")) w.header("Content-Type", "text/html; charset=utf-8");
  w.write_header(status);
  if (r.method != "GET") return;
  std::string quoted;
  for (char c : to) {
    if (c == '&') quoted += "&amp;";
    else if (c == '<') quoted += "&lt;";
    else if (c == '>') quoted += "&gt;";
    else if (c == '"') quoted += "&#34;";
    else quoted += c;
  }
  w.write("<a href=\"" + quoted + "\">" + std::string(status_text(status)) + "</a>.\n\n");
}

handler strip_prefix(std::string prefix, handler h) {
  return [prefix = std::move(prefix), h = std::move(h)](response_writer& w, request& r) {
    if (!r.path.starts_with(prefix)) return not_found(w, r);
    // In place: a copy would ask for the request's context, for which a goroutine watches the client.
    const std::string path = r.path, target = std::exchange(r.target, {});
    r.path.erase(0, prefix.size());
    RAVEL_DEFER {
      r.path = path;
      r.target = target;
    };
    h(w, r);
  };
}

namespace {

struct limited_source final : detail::body_source {
  http::body from;
  std::uint64_t left;
  bool exceeded = false;

  limited_source(http::body b, std::uint64_t n) : from(std::move(b)), left(n) {}
  std::size_t read(io::bytes to) override {
    if (to.empty()) return 0;
    if (left == 0) {  // the end may be just here
      std::byte more[1];
      if (from.read(more) == 0) return 0;
      exceeded = true;
    }
    if (exceeded) throw std::system_error(std::make_error_code(std::errc::message_size), "http: request body too large");
    const std::size_t n = from.read(to.first(static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), left))));
    left -= n;
    return n;
  }
  void close() noexcept override {
    std::error_code ignored;
    from.close(ignored);
  }
  std::int64_t size() const noexcept override { return from.size(); }
  const headers* trailers() const noexcept override { return &from.trailers(); }
};

}  // namespace

handler max_bytes_handler(handler h, std::uint64_t n) {
  return [h = std::move(h), n](response_writer& w, request& r) {
    const ravel::detail::counted_ptr limited(new limited_source(r.body, n));
    r.body = body(detail::source_ptr(limited));
    try {
      h(w, r);
    } catch (const std::system_error& e) {
      if (!limited->exceeded || e.code() != std::errc::message_size) throw;
      w.header("Connection", "close");
      error(w, "request body too large", 413);
    }
  };
}

}  // namespace http
} }
