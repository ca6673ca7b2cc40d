#pragma once
// Package net/http: an HTTP/1.1 server and client. Every blocking call parks the goroutine, never the OS thread.
//
// Malformed messages are answered by 400 and the end of the connection: conflicting or repeated lengths, a length beside chunks, folded
// lines, bare carriage returns, bad chunk sizes, bad names. Nothing that two parties could understand differently is passed on.

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "detail/counted.hpp"
#include "detail/http_headers.hpp"
#include "detail/http_message.hpp"
#include "net.hpp"

RAVEL_NAMESPACE_BEGIN
namespace http {

enum class errc {
  bad_url = 1,
  unsupported_scheme,    // only "http"
  malformed,             // a message that is not HTTP/1
  header_too_large,
  too_many_redirects,    // more than 10
  body_not_allowed,      // a body in answer to HEAD, or with a status that has none
  content_length,        // more written than the Content-Length header said
  body_closed,           // read after close, or after the handler's return
  handler_timeout,       // timeout_handler's time is over
  connection_closed,     // the server closed the connection without an answer
  bad_request,           // a request that cannot be sent: a method, name or value that would break the message
};
const std::error_category& category() noexcept;  // "ravel.http"
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

std::string_view status_text(int status) noexcept;  // "Not Found"; "" for an unknown one

// --- server

// Go's http.ResponseWriter. One goroutine at a time, and not after the handler has returned.
class response_writer : public io::writer {
 public:
  virtual http::headers& headers() = 0;                 // what write_header will send; those declared by "Trailer" follow the body
  void header(std::string_view name, std::string_view value) { headers().set(name, value); }
  virtual void write_header(int status) = 0;            // 100 to 199 but 101: sent at once, another follows
  // Throws when the client is gone or too slow; then the handler may just end. The first write does write_header(200).
  using io::writer::write;
  std::size_t write(std::string_view text) { return write(io::as_bytes(text)); }
  std::size_t write(const char* text) { return write(std::string_view(text)); }
  virtual void flush() = 0;                             // what has been written so far is sent now
  // Instead of what the server's timeouts say, for this request. time_point::max(): none.
  virtual void set_read_deadline(clock::time_point t) = 0;
  virtual void set_write_deadline(clock::time_point t) = 0;
};

// Runs in a goroutine of its connection. An exception that leaves it closes that connection and is logged.
using handler = std::function<void(response_writer&, request&)>;

// A handler throws it to close the connection without a line in the log.
struct abort_handler : std::exception {
  const char* what() const noexcept override { return "net/http: abort Handler"; }
};

void error(response_writer& w, std::string_view message, int status);  // text/plain
void not_found(response_writer& w, request& r);
void redirect(response_writer& w, const request& r, std::string_view url, int status = 302);

// Go's TimeoutHandler: h runs in a goroutine of its own and writes into a buffer. When it has not returned in time the answer is 503 with
// `body`, its context has ended, and its writes fail with errc::handler_timeout.
handler timeout_handler(handler h, clock::duration d, std::string body = {});
handler strip_prefix(std::string prefix, handler h);
handler max_bytes_handler(handler h, std::uint64_t n);  // reading more of the body fails, and the answer is 413 unless it was begun

// Go 1.22's ServeMux: "[METHOD ][HOST]/path", where a segment may be {name}, the last one {name...}, and "/{$}" is the path that ends there.
// The most specific pattern wins; two of which neither is more specific than the other panic when the second is added. Paths that are not
// clean, or lack the slash of a pattern that ends with one, are redirected. GET serves HEAD too; 405 names the methods allowed.
// A handle, copied by reference; patterns may be added while it serves.
class serve_mux {
 public:
  serve_mux();
  void handle(std::string_view pattern, handler h);
  void operator()(response_writer& w, request& r) const;

 private:
  struct state;
  ravel::detail::counted_ptr<state> state_;
};
serve_mux& default_serve_mux();
void handle(std::string_view pattern, handler h);  // in default_serve_mux()

namespace detail {
struct server_core;
class server_handle {
 public:
  server_handle();
  server_core& get() const noexcept;
  const ravel::detail::counted_ptr<server_core>& shared() const noexcept { return core_; }
  server_handle(server_handle&&) noexcept = default;
  server_handle& operator=(server_handle&&) noexcept = default;

 private:
  ravel::detail::counted_ptr<server_core> core_;
};
}  // namespace detail

inline constexpr clock::duration default_timeout{-1};

// Timeouts mean what they mean in Go; zero is none. Where Go's zero values leave a server open to clients that hold connections, unset ones
// are safe here.
struct server {
  std::string addr = ":http";
  http::handler handler = {};                            // none: default_serve_mux()
  clock::duration read_timeout = default_timeout;        // of a whole request with its body. Default: 1 minute
  clock::duration read_header_timeout = default_timeout; // of its header. Default: 10 s, or read_timeout when that is less. None: read_timeout
  clock::duration write_timeout = default_timeout;       // from the end of the header to the end of the answer. Default: 1 minute
  clock::duration idle_timeout = default_timeout;        // until the next request. Default: 2 minutes. None: read_timeout
  int max_header_bytes = 0;                              // 0: 1 MiB. More is answered by 431.
  std::function<void(std::string_view)> error_log = {};  // a line at a time; none: stderr
  detail::server_handle core = {};

  // Both return when the server was shut down or closed, also before; else they throw. shutdown may still be waiting then.
  void listen_and_serve();
  void listen_and_serve(std::error_code& error);
  void serve(net::listener l);  // closes l in the end
  void serve(net::listener l, std::error_code& error);

  // Serves one connection, until it is closed; in this goroutine.
  void serve_connection(net::conn c);

  // Closes listeners and idle connections, then waits until the others have answered. Throws ctx's error when that ends before.
  void shutdown(context::context ctx = {});
  void shutdown(context::context ctx, std::error_code& error);
  void close();  // listeners and all connections, at once
};

void listen_and_serve(std::string addr, handler h = {});

// --- client

// Connections, kept for the next request to the same host. Any goroutine. The settings: before the first request.
class transport {
 public:
  transport();
  ~transport();
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  int max_idle_connections = 100;
  int max_idle_connections_per_host = 32;                  // (Go: 2)
  int max_connections_per_host = 0;                        // more wait; 0: no limit
  clock::duration idle_timeout = std::chrono::seconds(90);
  clock::duration response_header_timeout{0};              // from the end of the request; 0: none
  clock::duration expect_continue_timeout = std::chrono::seconds(1);  // with "Expect: 100-continue": send the body anyway after this
  std::size_t max_response_header_bytes = 10 << 20;
  std::function<net::conn(context::context, const std::string& addr)> dial;  // none: net::dial(ctx, "tcp", addr)

  response round_trip(request& r);  // one request, one answer: no redirects
  void close_idle_connections();

 private:
  struct state;
  friend struct transport_access;
  std::shared_ptr<state> state_;
};
transport& default_transport();

// Go's http.Client. Any goroutine.
struct client {
  clock::duration timeout{0};                // of it all, redirects and body included; 0: none
  std::shared_ptr<http::transport> transport = {};  // none: default_transport()
  // Asked before each redirect, `made` counts requests made; an error is what do_request fails with. errc::too_many_redirects after 10 without it.
  std::function<std::error_code(const request& next, int made)> check_redirect = {};

  // 301, 302 and 303 go on as GET (HEAD stays), 307 and 308 as they were. Authorization and Cookie are not sent on to another host. A request
  // without a body, or with one of text, that fails on a connection used before is sent again on a new one, when its method allows that.
  response do_request(request r) const;
  response do_request(request r, std::error_code& error) const;
  response get(std::string_view url) const { return do_request(request("GET", url)); }
  response head(std::string_view url) const { return do_request(request("HEAD", url)); }
  response post(std::string_view url, std::string_view content_type, http::body b) const;
};

response get(std::string_view url);
response get(std::string_view url, std::error_code& error);
response head(std::string_view url);
response post(std::string_view url, std::string_view content_type, http::body b);

}  // namespace http
RAVEL_NAMESPACE_END

template <>
struct std::is_error_code_enum<ravel::http::errc> : std::true_type {};
