#pragma once
// Package net: TCP and Unix sockets, and pipes in memory. All block the goroutine, never the OS thread.
//
// Errors are std::system_error; each function has an overload with a trailing std::error_code& that does not throw for them: the system's own,
// or io::errc::closed after this end was closed, io::errc::deadline_exceeded. Any goroutine may use anything at any time, also close it:
// who waits is woken. SIGPIPE never comes. What came before a write happens before what follows the read that sees it, within one process too.

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>

#include "context.hpp"
#include "detail/counted.hpp"
#include "detail/io_error.hpp"
#include "io.hpp"
#include "time.hpp"

RAVEL_NAMESPACE_BEGIN
namespace net {

namespace detail {
struct conn_state;
struct listener_state;
struct conn_access;
}  // namespace detail

class address {
 public:
  address() = default;
  address(std::string network, std::string text) : network_(std::move(network)), text_(std::move(text)) {}
  const std::string& network() const noexcept { return network_; }  // "tcp", "unix", "pipe"
  std::string to_string() const { return text_; }                   // "127.0.0.1:80", "[::1]:80", a path
  operator std::string() const { return text_; }                    // so that dial("tcp", l.addr()) and "http://" + l.addr() read as they should
  operator std::string_view() const noexcept { return text_; }
  std::uint16_t port() const noexcept;                               // 0: not TCP
  friend bool operator==(const address&, const address&) = default;
  friend std::string operator+(std::string_view before, const address& a) { return std::string(before) + a.text_; }
  friend std::string operator+(const address& a, std::string_view after) { return a.text_ + std::string(after); }
  friend std::ostream& operator<<(std::ostream& out, const address& a) { return out << a.text_; }

 private:
  std::string network_, text_;
};

// One end of a connection, copied by reference; closed when the last copy is gone. Reads wait for each other, and so do writes, which are whole.
class conn final : public io::read_write_closer {
 public:
  conn() noexcept = default;
  explicit conn(ravel::detail::counted_ptr<detail::conn_state> s) noexcept : state_(std::move(s)) {}

  std::size_t read(io::bytes to) override;
  std::size_t read(io::bytes to, std::error_code& error) override;
  std::size_t write(io::const_bytes from) override;
  std::size_t write(io::const_bytes from, std::error_code& error) override;
  void close() override;
  void close(std::error_code& error) override;
  void close_write();  // the other end reads to its end; this one may go on reading
  void close_write(std::error_code& error);

  // Reads and writes that are not done by then fail, also those that wait already. time_point(): no deadline.
  void set_deadline(clock::time_point t);
  void set_deadline(clock::time_point t, std::error_code& error);
  void set_read_deadline(clock::time_point t);
  void set_read_deadline(clock::time_point t, std::error_code& error);
  void set_write_deadline(clock::time_point t);
  void set_write_deadline(clock::time_point t, std::error_code& error);

  address local_addr() const;
  address remote_addr() const;
  // Closes, and what the other end has not taken yet is discarded, not kept until it does: its reads fail. Go: SetLinger(0), then Close.
  void abort(std::error_code& error);
  bool is_readable() const;  // a read would not wait: there is something, or the end, or an error. Of a pipe it is not known: false
  explicit operator bool() const noexcept { return static_cast<bool>(state_); }

 private:
  friend struct detail::conn_access;
  ravel::detail::counted_ptr<detail::conn_state> state_;
};

// Copied by reference; closed when the last copy is gone.
class listener {
 public:
  listener() noexcept = default;
  explicit listener(ravel::detail::counted_ptr<detail::listener_state> s) noexcept : state_(std::move(s)) {}

  conn accept();  // waits a little and goes on when there are no descriptors left
  conn accept(std::error_code& error);
  void close();
  void close(std::error_code& error);
  address addr() const;
  explicit operator bool() const noexcept { return static_cast<bool>(state_); }

 private:
  ravel::detail::counted_ptr<detail::listener_state> state_;
};

// network: "tcp", "tcp4", "tcp6" with "host:port", or "unix" with a path. No host: all of this machine's; port 0: a free one, which addr() tells.
listener listen(std::string_view network, std::string_view addr);
listener listen(std::string_view network, std::string_view addr, std::error_code& error);

// Names are looked up off the processors. Their addresses are tried one after the other, those of the other family (IPv4, IPv6) beside them from
// 300 ms on, or at once when the first have failed (happy eyeballs, RFC 8305); of several addresses each has its share of the time until the
// deadline of ctx. The end of ctx ends all of it. The first address's error is told. Under a controlled schedule the loopback and Unix sockets
// are simulated (see explore::options::network), and no other network can be reached.
conn dial(std::string_view network, std::string_view addr);
conn dial(std::string_view network, std::string_view addr, std::error_code& error);
conn dial(const context::context& ctx, std::string_view network, std::string_view addr);
conn dial(const context::context& ctx, std::string_view network, std::string_view addr, std::error_code& error);
template <class Rep, class Period>
conn dial_timeout(std::string_view network, std::string_view addr, std::chrono::duration<Rep, Period> d) {
  auto limited = context::with_timeout(context::background(), d);
  std::error_code error;
  conn c = dial(limited.ctx, network, addr, error);
  limited.cancel();
  if (error) throw std::system_error(error, "dial " + std::string(addr));
  return c;
}

// Two ends in memory without a buffer: a write waits until readers have taken all of it. Deadlines as of a socket.
struct pipe_ends {
  conn a, b;
};
pipe_ends pipe();

}  // namespace net
RAVEL_NAMESPACE_END
