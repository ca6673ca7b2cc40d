#pragma once
// One connection of a client, and one request with its answer on it. Private to http/.
//
// Invariants: a connection is the pool's while idle, else the request's; its answer's body holds it then and gives it back at the end. A body of
// unknown or large size is written by a goroutine of its own, since the server may answer before it has read it all; the connection is only
// used again when that goroutine has finished before the answer did. Until the request gives the connection back, the end of its context closes
// it; that is taken back before the pool has it, so that no request is ended by another's context. Who drops the last reference may be one whose
// request is long over: the detector does not see that references are counted, so each user tells what it did, and the destructor learns it.

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "runtime/http/incoming_body.hpp"
#include "runtime/include/ravel/http.hpp"

namespace ravel::http_text {

class client_connection;

struct connection_pool {
  virtual void put(std::shared_ptr<client_connection> c) noexcept = 0;  // may serve another request
  virtual void lost(client_connection& c) noexcept = 0;                 // is closed

 protected:
  ~connection_pool() = default;
};

struct exchange_limits {
  clock::duration response_header_timeout, expect_continue_timeout;
  std::size_t max_response_header_bytes;
};

class client_connection final : public std::enable_shared_from_this<client_connection>, body_owner {
 public:
  client_connection(net::conn c, std::string host, std::weak_ptr<connection_pool> pool);
  ~client_connection();

  // Before exchange: the end of ctx closes the connection for as long as the request has it.
  void close_with(const context::context& ctx);

  // Sends r and reads the answer's header. On an error the connection is closed, and `is_untouched` tells whether the server has not sent a byte.
  http::response exchange(http::request& r, std::string_view header, const exchange_limits& limits, std::error_code& error);
  bool is_untouched() const noexcept { return !got_bytes_; }

  bool is_usable();              // idle: nothing came, and the other end is still there
  void close() noexcept;         // any goroutine
  const std::string& host() const noexcept { return host_; }

  bool was_used = false;                // before this request
  clock::time_point idle_since;         // the pool's

 private:
  struct body_writer;

  bool send(http::request& r, std::string_view header, const exchange_limits& limits, std::error_code& error);  // false: the answer's header has come instead of 100
  bool read_header(const exchange_limits& limits, bool answers_head, std::error_code& error);
  void before_first_read(std::error_code&) override {}
  void body_ended(bool whole) noexcept override;
  void give_back() noexcept;
  void give_body_back() noexcept;
  bool take_back_close() noexcept;  // false: the context has ended, and closes the connection or has

  net::conn conn_;
  const std::string host_;
  const std::weak_ptr<connection_pool> pool_;
  input input_;
  message_parser parser_{message_parser::kind::response};
  message_header header_;
  std::shared_ptr<body_writer> writer_;  // of this request's body, when it has a goroutine
  bool close_after_ = false, got_bytes_ = false;
  std::optional<context::stop_func> stop_;  // of what close_with asked for
  std::atomic<bool> closed_{false};
};

// The first lines of a message for r; nothing may be added that would make two of it. False: it has what cannot be sent.
bool put_request_header(std::string& out, const http::request& r);

}  // namespace ravel::http_text
