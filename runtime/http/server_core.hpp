#pragma once
// What the goroutines of one server share. Private to http/.
//
// Invariants: `lock` guards all but what is atomic, and the setting of that. A connection is an arrival from accept until its goroutine begins,
// and in `connections` from then until it has closed its socket; a listener is in `listeners` while serve is in it. `closing` is set before what
// is in the lists is closed, and looked at when something is added: nothing is forgotten. `none_left` is closed once, when `closing` and there
// is neither connection nor arrival.

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
  int arrivals = 0;
  chan<unit> none_left = make_chan<unit>();
  bool told_none_left = false;
  bool close_at_once = false;                  // not only once they are idle

  class arrival {
   public:
    arrival() = default;                       // of a connection that serve has not accepted
    explicit arrival(ravel::detail::counted_ptr<server_core> core);
    arrival(arrival&& o) noexcept : core_(std::move(o.core_)) {}
    ~arrival();
    explicit operator bool() const noexcept { return static_cast<bool>(core_); }  // of one that was made: false: closing

   private:
    ravel::detail::counted_ptr<server_core> core_;
  };

  bool add(http_text::server_connection& c, bool arrived);  // false: closing
  void remove(http_text::server_connection& c) noexcept;
  void tell_if_none_left_locked();
  void close_listeners_locked() noexcept;
};

}  // namespace http::detail
} }

namespace ravel::http_text {
using core_ptr = detail::counted_ptr<http::detail::server_core>;
}
