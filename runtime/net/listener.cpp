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
  return or_throw([&] { return "listen " + std::string(network) + " " + std::string(addr); },
                  [&](std::error_code& e) { return listen(network, addr, e); });
}

listener listen(std::string_view network, std::string_view addr, std::error_code& error) {
  const auto candidates = detail::resolve_to_listen(network, addr, error);
  if (error) return {};
  ravel::detail::counted_ptr made(new detail::listener_state);
  if (simulated::is_on()) {
    for (const auto& a : candidates) {
      made->simulation = simulated::listen(a, error);
      if (made->simulation) break;
    }
    if (error) return {};
    made->local = made->simulation->local();
    return listener(std::move(made));
  }
  int number = -1;
  for (const auto& a : candidates) {
    number = detail::bound_socket(a, error);
    if (number >= 0) break;
  }
  if (number < 0) return {};
  detail::socket_address local;
  ::getsockname(number, local.get(), &local.length);
  made->socket = std::make_unique<netpoll::descriptor>(number, error);
  if (error) return {};
  made->local = detail::to_address(local);
  if (local.family() == AF_UNIX) made->path = made->local.to_string();
  if constexpr (hooks::enabled) {
    made->known = detail::edge_of_listener("dial ", made->local);
    made->listens = detail::edge_of_listener("listen ", made->local);
    hooks::sink().release_merge(sched::current(), *made->listens.get(), hooks::operation::descriptor_write);
    made->socket->set_edges(nullptr, made->known.get());
  }
  return listener(std::move(made));
}

conn listener::accept() {
  return or_throw("accept", [&](std::error_code& e) { return accept(e); });
}

conn listener::accept(std::error_code& error) {
  using std::chrono::milliseconds;
  if (!state_) return error = io::errc::closed, conn();
  if (state_->simulation) {
    simulated::connected c = state_->simulation->accept(error);
    return error ? conn() : detail::make_conn(std::move(c));
  }
  for (auto pause = milliseconds(5);; pause = std::min(pause * 2, milliseconds(1000))) {
    detail::socket_address from;
    const int number = state_->socket->accept(from.get(), &from.length, error);
    if (!error) {
      conn c = detail::make_conn(number, error);
      if constexpr (hooks::enabled) {
        // The end that dialled may be gone, and have left what it knew here (~conn_state).
        if (!error) hooks::sink().acquire(sched::current(), *state_->known.get(), hooks::operation::descriptor_write);
      }
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
  if (state_->simulation) return state_->simulation->close(error);
  state_->give_path_back();
  state_->socket->close(error);
}

address listener::addr() const { return state_ ? state_->local : address(); }

}  // namespace net
} }
