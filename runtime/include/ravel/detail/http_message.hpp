#pragma once
// Requests, responses and their bodies, as Go's http.Request, http.Response; included by <ravel/http.hpp>.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "../context.hpp"
#include "../io.hpp"
#include "config.hpp"
#include "counted.hpp"
#include "http_headers.hpp"

RAVEL_NAMESPACE_BEGIN
namespace http {

namespace detail {

struct request_access;  // the server fills requests

struct body_source;
using source_ptr = ravel::detail::counted_ptr<body_source>;

struct body_source : io::reader, ravel::detail::counted {
  virtual void close() noexcept = 0;                       // what is left will not be read
  virtual std::int64_t size() const noexcept { return -1; }  // of all of it; -1: not known
  // The same from its beginning, for a request that is sent again while this one may still be read; nothing: it cannot be had twice.
  virtual source_ptr again() const { return {}; }
  virtual const headers* trailers() const noexcept { return nullptr; }
  virtual bool is_lent() const noexcept { return false; }  // of a reader that is not the body's
};

// What a reader's owner made is destroyed by its code.
template <class Reader>
class shared_reader final : public body_source {
 public:
  shared_reader(std::shared_ptr<Reader> from, std::int64_t size) : from_(std::move(from)), size_(size) {}
  std::size_t read(io::bytes to) override { return from_->read(to); }
  std::size_t read(io::bytes to, std::error_code& error) override { return from_->read(to, error); }
  void close() noexcept override {
    if constexpr (std::is_base_of_v<io::closer, Reader>) {
      std::error_code ignored;
      from_->close(ignored);
    }
  }
  std::int64_t size() const noexcept override { return size_; }

 private:
  std::shared_ptr<Reader> from_;
  std::int64_t size_;
};

// The context of a request in a server is made when it is first asked for: most handlers never do.
struct context_source {
  virtual ravel::context::context context_of_request() = 0;

 protected:
  ~context_source() = default;
};
class request_context {
 public:
  request_context() = default;
  explicit request_context(ravel::context::context ctx) : ctx_(std::move(ctx)) {}
  request_context(const request_context& o) : ctx_(o.get()) {}  // a copy may outlive the source
  request_context& operator=(const request_context& o) {
    ctx_ = o.get();
    source_ = nullptr;
    return *this;
  }
  void set_source(context_source* s) noexcept { source_ = s; }
  ravel::context::context get() const { return source_ != nullptr ? source_->context_of_request() : ctx_; }

 private:
  ravel::context::context ctx_;
  context_source* source_ = nullptr;
};

}  // namespace detail

// The body of a message: a handle, copied by reference. Reading it is reading the connection: one goroutine at a time. A default one is empty.
class body final : public io::read_closer {
 public:
  body() noexcept = default;
  body(std::string text);
  body(std::string_view text) : body(std::string(text)) {}
  body(const char* text) : body(std::string(text)) {}
  // Of `from`, which it keeps and closes when it can be closed, or which is lent: a client reads it until the answer's body has been read to its end
  // or dropped, or the request has failed, and waits then for a read that has begun. A file, pipe or connection is kept, but not closed. size: how
  // much will come, -1 when that is not known; then it is sent in chunks.
  template <class Reader>
    requires std::is_base_of_v<io::reader, Reader>
  explicit body(std::shared_ptr<Reader> from, std::int64_t size = -1)
      : body(detail::source_ptr(new detail::shared_reader<Reader>(std::move(from), size))) {}
  explicit body(io::reader& from, std::int64_t size = -1);
  explicit body(detail::source_ptr source) noexcept : source_(std::move(source)) {}

  std::size_t read(io::bytes to) override;
  std::size_t read(io::bytes to, std::error_code& error) override;
  void close() override;  // what is left will not be read. The last copy's destructor closes too.
  void close(std::error_code& error) override;

  std::int64_t size() const noexcept { return source_ ? source_->size() : 0; }  // -1: not known
  bool empty() const noexcept { return size() == 0; }
  // The fields that came after the body, once it has been read to its end.
  const headers& trailers() const noexcept;

  const detail::source_ptr& source() const noexcept { return source_; }

 private:
  detail::source_ptr source_;
};

// The part of a URL after '?'.
class url_query {
 public:
  url_query() = default;
  url_query(std::string raw) : raw_(std::move(raw)) {}
  url_query(std::string_view raw) : raw_(raw) {}
  url_query(const char* raw) : raw_(raw) {}

  const std::string& raw() const noexcept { return raw_; }  // as it was sent
  operator std::string_view() const noexcept { return raw_; }
  bool empty() const noexcept { return raw_.empty(); }
  friend bool operator==(const url_query& a, std::string_view b) noexcept { return a.raw_ == b; }

  std::string get(std::string_view name) const;  // the first value of that name, decoded; "" when there is none
  bool has(std::string_view name) const;
  std::vector<std::string> values(std::string_view name) const;
  std::vector<std::pair<std::string, std::string>> all() const;
  void add(std::string_view name, std::string_view value);  // encodes both

 private:
  friend struct detail::request_access;
  std::string raw_;
};

// A request: what a server received, or what a client is to send. A copy shares the body.
struct request {
  request() = default;
  // url: "http://host[:port]/path?query". Throws std::system_error (errc::bad_url).
  request(std::string_view method, std::string_view url, http::body body = {});

  std::string method = "GET";
  std::string scheme;               // client: "http"
  std::string host;                 // "name" or "name:port"
  std::string path = "/";           // decoded
  url_query query;
  std::string target;               // server: as it stands in the request line. Client: sent instead of path and query unless empty.
  int version = 11;                 // 10: HTTP/1.0
  http::headers headers;            // without Host
  http::body body;
  http::headers trailers;           // client: sent after a body in chunks. Server: body.trailers().
  std::string remote_addr;          // server: the other end, "address:port"
  bool close = false;               // client: do not use the connection again

  std::int64_t content_length() const noexcept { return body.size(); }  // -1: not known

  // In a server it ends when the client goes away or the handler has returned. Any goroutine.
  ravel::context::context context() const { return context_.get(); }
  request with_context(ravel::context::context ctx) const;

  // What a wildcard of the mux's pattern stands for; "" when it has none of that name.
  std::string_view path_value(std::string_view name) const noexcept;
  void set_path_value(std::string_view name, std::string_view value);

  std::string url() const;          // put together again
  std::string pattern;              // of the mux, that matched

 private:
  friend struct detail::request_access;
  detail::request_context context_;
  std::vector<std::pair<std::string, std::string>> path_values_;
};

// What a client received. The connection serves another request once the body has been read to its end; destroying the body before that
// closes it.
struct response {
  int status = 0;
  std::string reason;               // "OK"
  int version = 11;
  http::headers headers;
  http::body body;
  std::string url;                  // of the request that was answered, after redirects

  std::int64_t content_length() const noexcept { return body.size(); }  // -1: not known
};

}  // namespace http
RAVEL_NAMESPACE_END
