// Requests, bodies and queries as users hold them.

#include <mutex>

#include "runtime/http/characters.hpp"
#include "runtime/http/url.hpp"
#include "runtime/include/ravel/http.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace http {

using namespace http_text;

namespace {

struct shared_text final : ravel::detail::counted {
  explicit shared_text(std::string t) : text(std::move(t)) {}
  const std::string text;
};
using text_ptr = ravel::detail::counted_ptr<shared_text>;

class text_source final : public detail::body_source {
 public:
  explicit text_source(text_ptr of) : of_(std::move(of)) {}
  std::size_t read(io::bytes to) override {
    const std::string& text = of_->text;
    const std::size_t n = std::min(to.size(), text.size() - at_);
    std::copy_n(io::as_bytes(text).begin() + static_cast<std::ptrdiff_t>(at_), n, to.begin());
    at_ += n;
    return n;
  }
  void close() noexcept override { at_ = of_->text.size(); }
  std::int64_t size() const noexcept override { return static_cast<std::int64_t>(of_->text.size()); }
  detail::source_ptr again() const override { return detail::source_ptr(new text_source(of_)); }

 private:
  const text_ptr of_;
  std::size_t at_ = 0;
};

class borrowed_source final : public detail::body_source {
 public:
  borrowed_source(io::reader& from, std::int64_t size) : from_(from), size_(size) {}
  std::size_t read(io::bytes to) override { return from_.read(to); }
  std::size_t read(io::bytes to, std::error_code& error) override { return from_.read(to, error); }
  void close() noexcept override {}
  std::int64_t size() const noexcept override { return size_; }
  bool is_lent() const noexcept override { return true; }

 private:
  io::reader& from_;
  const std::int64_t size_;
};

// Of what is a handle: it is read through a copy, whatever becomes of the caller's.
template <class Handle>
class handle_source final : public detail::body_source {
 public:
  handle_source(const Handle& from, std::int64_t size) : from_(from), size_(size) {}
  std::size_t read(io::bytes to) override { return from_.read(to); }
  std::size_t read(io::bytes to, std::error_code& error) override { return from_.read(to, error); }
  void close() noexcept override {}
  std::int64_t size() const noexcept override { return size_; }

 private:
  Handle from_;
  const std::int64_t size_;
};

detail::source_ptr source_of(io::reader& from, std::int64_t size) {
  if (const auto* f = dynamic_cast<const io::file*>(&from)) return detail::source_ptr(new handle_source(*f, size));
  if (const auto* c = dynamic_cast<const net::conn*>(&from)) return detail::source_ptr(new handle_source(*c, size));
  if (const auto* p = dynamic_cast<const io::pipe_reader*>(&from)) return detail::source_ptr(new handle_source(*p, size));
  if (const auto* b = dynamic_cast<const body*>(&from)) return detail::source_ptr(new handle_source(*b, size));
  return detail::source_ptr(new borrowed_source(from, size));
}

}  // namespace

body::body(std::string text) {
  if (!text.empty()) source_ = detail::source_ptr(new text_source(text_ptr(new shared_text(std::move(text)))));
}
body::body(io::reader& from, std::int64_t size) : source_(source_of(from, size)) {}

std::size_t body::read(io::bytes to) { return source_ ? source_->read(to) : 0; }
std::size_t body::read(io::bytes to, std::error_code& error) {
  error.clear();
  return source_ ? source_->read(to, error) : 0;
}
void body::close() {
  if (source_) source_->close();
}
void body::close(std::error_code& error) {
  error.clear();
  close();
}

const headers& body::trailers() const noexcept {
  static const headers none;
  const headers* t = source_ ? source_->trailers() : nullptr;
  return t != nullptr ? *t : none;
}

std::vector<std::pair<std::string, std::string>> url_query::all() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (std::string_view rest = raw_; !rest.empty();) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    // As Go: a semicolon is no separator, and what has one is left out, so that no cache in between sees other parameters than the server.
    if (!pair.empty() && pair.find(';') == pair.npos) {
      out.emplace_back(decode_query(pair.substr(0, equals)), decode_query(pair.substr(std::min(equals + 1, pair.size()))));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string url_query::get(std::string_view name) const {
  for (auto& [n, value] : all()) {
    if (n == name) return std::move(value);
  }
  return {};
}

bool url_query::has(std::string_view name) const {
  const auto pairs = all();
  return std::any_of(pairs.begin(), pairs.end(), [&](const auto& p) { return p.first == name; });
}

std::vector<std::string> url_query::values(std::string_view name) const {
  std::vector<std::string> found;
  for (auto& [n, value] : all()) {
    if (n == name) found.push_back(std::move(value));
  }
  return found;
}

void url_query::add(std::string_view name, std::string_view value) {
  if (!raw_.empty()) raw_ += '&';
  raw_ += encode_query(name) + '=' + encode_query(value);
}

request::request(std::string_view m, std::string_view url, http::body b) : method(m), body(std::move(b)) {
  const auto parts = parse_url(url);
  if (!parts) throw std::system_error(errc::bad_url, std::string(url));
  scheme = parts->scheme;
  host = parts->host;
  path = *decode_path(parts->path);
  query = parts->query;
  if (encode_path(path) != parts->path) target = parts->path + (query.empty() ? "" : "?" + query.raw());  // as it was written
}

request request::with_context(ravel::context::context ctx) const {
  request r = *this;
  r.context_ = detail::request_context(std::move(ctx));
  return r;
}

std::string_view request::path_value(std::string_view name) const noexcept {
  for (const auto& [n, value] : path_values_) {
    if (n == name) return value;
  }
  return {};
}

void request::set_path_value(std::string_view name, std::string_view value) {
  for (auto& [n, old] : path_values_) {
    if (n != name) continue;
    old = value;
    return;
  }
  path_values_.emplace_back(name, value);
}

std::string request::url() const {
  std::string out = scheme.empty() ? std::string() : scheme + "://" + host;
  if (!target.empty()) return out + target;
  out += encode_path(path);
  if (!query.empty()) out += "?" + query.raw();
  return out;
}

}  // namespace http
} }
