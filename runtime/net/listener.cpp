#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "runtime/io/throwing.hpp"
#include "runtime/net/sockets.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net {

using detail_of_io::or_throw;

namespace detail {

listener_state::~listener_state() { give_path_back(); }

// Once: somebody else may have the path by the second time.
void listener_state::give_path_back() noexcept {
  if (!path.empty() && !path_given_back.exchange(true)) ::unlink(path.c_str());
}

int new_socket(int family, std::error_code& error) {
  const int number = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (number < 0) error = {errno, std::system_category()};
  return number;
}

namespace {

int bound_socket(const socket_address& a, std::error_code& error) {
  error.clear();
  const int number = new_socket(a.family(), error);
  if (number < 0) return -1;
  const int one = 1, zero = 0;
  if (a.family() != AF_UNIX) ::setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (a.family() == AF_INET6) {
    sockaddr_in6 in;
    std::memcpy(&in, &a.storage, sizeof in);
    const bool every = IN6_IS_ADDR_UNSPECIFIED(&in.sin6_addr);
    ::setsockopt(number, IPPROTO_IPV6, IPV6_V6ONLY, every ? &zero : &one, sizeof one);
  }
  if (::bind(number, a.get(), a.length) == 0 && ::listen(number, SOMAXCONN) == 0) return number;
  error = {errno, std::system_category()};
  ::close(number);
  return -1;
}

}  // namespace
}  // namespace detail

listener listen(std::string_view network, std::string_view addr) {
  std::error_code error;
  listener l = listen(network, addr, error);
  if (error) throw std::system_error(error, "listen " + std::string(network) + " " + std::string(addr));
  return l;
}

listener listen(std::string_view network, std::string_view addr, std::error_code& error) {
  const auto candidates = detail::resolve(network, addr, true, error);
  if (error) return {};
  int number = -1;
  for (const auto& a : candidates) {
    number = detail::bound_socket(a, error);
    if (number >= 0) break;
  }
  if (number < 0) return {};
  detail::socket_address local;
  ::getsockname(number, local.get(), &local.length);
  ravel::detail::counted_ptr made(new detail::listener_state);
  made->socket = std::make_unique<netpoll::descriptor>(number, error);
  if (error) return {};
  made->local = detail::to_address(local);
  if (local.family() == AF_UNIX) made->path = made->local.to_string();
  if constexpr (hooks::enabled) {
    made->edge = detail::edge_handle("listen " + (made->path.empty() ? std::to_string(made->local.port()) : made->path));
    made->socket->set_edges(nullptr, made->edge.get());
  }
  return listener(std::move(made));
}

conn listener::accept() {
  return or_throw("accept", [&](std::error_code& e) { return accept(e); });
}

conn listener::accept(std::error_code& error) {
  using std::chrono::milliseconds;
  if (!state_) return error = io::errc::closed, conn();
  for (auto pause = milliseconds(5);; pause = std::min(pause * 2, milliseconds(1000))) {
    detail::socket_address from;
    const int number = state_->socket->accept(from.get(), &from.length, error);
    if (!error) {
      conn c = detail::make_conn(number, error);
      if (!error) return c;
      if (error == std::errc::not_connected || error == std::errc::invalid_argument) continue;  // gone already
      return {};
    }
    // Another connection may be had once others are closed (Go: net/http's server waits so).
    const bool passes = error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system ||
                        error == std::errc::no_buffer_space || error == std::errc::not_enough_memory;
    if (error == std::errc::connection_aborted) continue;
    if (!passes) return {};
    sleep_for(pause);
  }
}

void listener::close() {
  or_throw("close", [&](std::error_code& e) { close(e); });
}
void listener::close(std::error_code& error) {
  error.clear();
  if (!state_) {
    error = io::errc::closed;
    return;
  }
  state_->give_path_back();
  state_->socket->close(error);
}

address listener::addr() const { return state_ ? state_->local : address(); }

}  // namespace net
} }
