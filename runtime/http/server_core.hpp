#pragma once
// What the goroutines of one server share. Private to http/.
//
// Invariants: `lock` guards the lists, and the setting of `closing`; a connection is in `connections` from the beginning of its goroutine until it has closed its
// socket, a listener in `listeners` while serve is in it. `closing` is set before what is in the lists is closed, and looked at when something is
// added: nothing is forgotten. `none_left` is closed once, when `closing` and there is no connection.

#include <atomic>
#include <list>

#include "runtime/include/ravel/http.hpp"
#include "runtime/include/ravel/sync.hpp"

namespace ravel::http_text {

class server_connection;

struct server_settings final : detail::counted {  // as they were when serve was called
  http::handler handler;
  clock::duration read_timeout, read_header_timeout, write_timeout, idle_timeout;  // zero: none
  std::size_t max_header_bytes;
  std::function<void(std::string_view)> error_log;

  explicit server_settings(const http::server& s);
  void log(std::string_view line) const;
};
using settings_ptr = detail::counted_ptr<const server_settings>;

}  // namespace ravel::http_text

namespace ravel { inline namespace RAVEL_VARIANT {
namespace http::detail {

struct server_core final : ravel::detail::counted {
  mutex lock;
  std::atomic<bool> closing{false};
  std::list<net::listener*> listeners;
  std::list<http_text::server_connection*> connections;
  chan<unit> none_left = make_chan<unit>();
  bool told_none_left = false;

  bool add(http_text::server_connection& c);  // false: closing
  void remove(http_text::server_connection& c) noexcept;
  void tell_if_none_left_locked();
  void close_listeners_locked() noexcept;
};

}  // namespace http::detail
} }

namespace ravel::http_text {
using core_ptr = detail::counted_ptr<http::detail::server_core>;
}
