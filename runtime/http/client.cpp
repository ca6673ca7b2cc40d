#include "runtime/http/characters.hpp"
#include "runtime/http/url.hpp"
#include "runtime/include/ravel/http.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace http {

using namespace http_text;

namespace {

constexpr int most_redirects = 10;

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

std::string_view name_of(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon == host.npos || host.find(']', colon) != host.npos ? host : host.substr(0, colon);
}

// Whether what is secret to `from` may be told `to`: itself and names below it, as Go.
bool may_know(std::string_view from, std::string_view to) {
  from = name_of(from), to = name_of(to);
  if (equal_fold(from, to)) return true;
  const bool is_address = !to.empty() && (to.front() == '[' || is_digit(to.back()));
  return !is_address && to.size() > from.size() && to[to.size() - from.size() - 1] == '.' && equal_fold(to.substr(to.size() - from.size()), from);
}

// The request that follows r to `to`.
request next_request(const request& r, const url_parts& to, int status, const std::string& first_host) {
  request next(r.method, to.scheme + "://" + to.host + to.path + (to.query.empty() ? "" : "?" + to.query));
  next.headers = r.headers;
  if (status == 307 || status == 308) {
    if (r.body.source()) next.body = body(r.body.source()->again());
    next.trailers = r.trailers;
  } else {
    if (r.method != "HEAD") next.method = "GET";
    for (std::string_view name : {"Content-Type", "Content-Encoding", "Content-Language", "Content-Location", "Expect"}) next.headers.erase(name);
  }
  if (!may_know(first_host, next.host)) {
    for (std::string_view name : {"Authorization", "Www-Authenticate", "Cookie", "Cookie2", "Proxy-Authorization"}) next.headers.erase(name);
  }
  if (!next.headers.has("Referer")) next.headers.set("Referer", r.url());
  next.close = r.close;
  return next.with_context(r.context());
}

// The client's time is over when the answer's body has been read or closed, so what ends it goes with the body.
struct timed_source final : detail::body_source {
  body inner;
  ravel::context::cancel_func cancel;

  timed_source(body b, ravel::context::cancel_func c) : inner(std::move(b)), cancel(std::move(c)) {}
  ~timed_source() override { close(); }
  std::size_t read(io::bytes to) override { return inner.read(to); }
  std::size_t read(io::bytes to, std::error_code& error) override { return inner.read(to, error); }
  void close() noexcept override {
    std::error_code ignored;
    inner.close(ignored);
    cancel();
  }
  std::int64_t size() const noexcept override { return inner.size(); }
  const headers* trailers() const noexcept override { return &inner.trailers(); }
};

}  // namespace

response client::do_request(request r) const {
  http::transport& through = transport ? *transport : default_transport();
  std::optional<ravel::context::cancel_func> cancel;
  if (timeout.count() > 0) {
    auto limited = ravel::context::with_timeout(r.context(), timeout);
    cancel = std::move(limited.cancel);
    r = r.with_context(std::move(limited.ctx));
  }
  struct cancel_unless_kept {
    std::optional<ravel::context::cancel_func>& cancel;
    ~cancel_unless_kept() {
      if (cancel) (*cancel)();
    }
  } at_the_end{cancel};
  const std::string first_host = r.host;
  for (int made = 1;; ++made) {
    response answer = through.round_trip(r);
    const std::string_view location = answer.headers.get("Location");
    const bool sends_body_again = (answer.status == 307 || answer.status == 308) && r.body.source();
    if (!is_redirect(answer.status) || location.empty() || (sends_body_again && !r.body.source()->again())) {
      if (cancel && answer.body.source()) {
        answer.body = body(detail::source_ptr(new timed_source(answer.body, *std::exchange(cancel, {}))));
      }
      return answer;
    }
    const auto base = parse_url(r.scheme + "://" + r.host + (r.target.empty() ? encode_path(r.path) : r.target));
    const auto to = base ? resolve(*base, location) : std::nullopt;
    if (!to) throw std::system_error(errc::bad_url, "redirect to \"" + std::string(location) + "\"");
    request next = next_request(r, *to, answer.status, first_host);
    const std::error_code refused = check_redirect ? check_redirect(next, made) : made > most_redirects ? make_error_code(errc::too_many_redirects) : std::error_code();
    if (refused) throw std::system_error(refused, r.method + " " + r.url());
    // A short page about the redirect is read, to use the connection again; a long one ends it.
    std::byte page[2048];
    std::error_code ignored;
    if (answer.body.source()) io::read_full(answer.body, page, ignored);
    answer.body = {};
    r = std::move(next);
  }
}

response client::do_request(request r, std::error_code& error) const {
  error.clear();
  try {
    return do_request(std::move(r));
  } catch (const std::system_error& e) {
    error = e.code();
    return {};
  }
}

response client::post(std::string_view url, std::string_view content_type, http::body b) const {
  request r("POST", url, std::move(b));
  r.headers.set("Content-Type", content_type);
  return do_request(std::move(r));
}

response get(std::string_view url) { return client().get(url); }
response get(std::string_view url, std::error_code& error) {
  error.clear();
  try {
    return get(url);
  } catch (const std::system_error& e) {
    error = e.code();
    return {};
  }
}
response head(std::string_view url) { return client().head(url); }
response post(std::string_view url, std::string_view content_type, http::body b) { return client().post(url, content_type, std::move(b)); }

}  // namespace http
} }
