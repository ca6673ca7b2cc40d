#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include "runtime/io/throwing.hpp"
#include "runtime/net/sockets.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net {

using detail_of_io::or_throw;

namespace detail {

namespace {

std::int64_t in_ns(clock::time_point t) { return t == clock::time_point() ? netpoll::no_deadline : t.time_since_epoch().count(); }
std::optional<clock::time_point> in_time(clock::time_point t) { return t == clock::time_point() ? std::nullopt : std::optional(t); }

socket_address name_of(netpoll::descriptor& d, int (*ask)(int, sockaddr*, socklen_t*), std::error_code& error) {
  socket_address a;
  d.use(error, [&](int number) {
    if (ask(number, a.get(), &a.length) != 0) error = {errno, std::system_category()};
  });
  return a;
}

int ask_local(int d, sockaddr* a, socklen_t* n) { return ::getsockname(d, a, n); }
int ask_remote(int d, sockaddr* a, socklen_t* n) { return ::getpeername(d, a, n); }

}  // namespace

conn_state::~conn_state() {
  if (socket || !in) return;
  in->reader_end.close(io::errc::closed_pipe);
  out->writer_end.close({});
}

conn make_conn(int number, std::error_code& error) {
  auto socket = std::make_unique<netpoll::descriptor>(number, error);
  if (error) return {};
  return make_conn(std::move(socket), error);
}

conn make_conn(std::unique_ptr<netpoll::descriptor> socket, std::error_code& error) {
  const socket_address local = name_of(*socket, ask_local, error);
  if (error) return {};
  const socket_address remote = name_of(*socket, ask_remote, error);
  if (error) return {};
  ravel::detail::counted_ptr made(new conn_state);
  made->local = to_address(local);
  made->remote = to_address(remote);
  if (local.family() != AF_UNIX) {
    socket->use(error, [](int number) {
      const int one = 1;
      ::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    });
    if constexpr (hooks::enabled) {
      made->edges = {edge_handle(made->local.to_string() + ">" + made->remote.to_string()), edge_handle(made->remote.to_string() + ">" + made->local.to_string())};
    }
  } else if constexpr (hooks::enabled) {
    // The end that dialled has no name: all connections of one path share their edges.
    const std::string path = made->local.to_string() + made->remote.to_string();
    made->edges = {edge_handle(path), edge_handle(path)};
  }
  if constexpr (hooks::enabled) socket->set_edges(made->edges.told.get(), made->edges.learned.get());
  made->socket = std::move(socket);
  return conn(std::move(made));
}

}  // namespace detail

std::size_t conn::read(io::bytes to) {
  return or_throw("read", [&](std::error_code& e) { return read(to, e); });
}
std::size_t conn::read(io::bytes to, std::error_code& error) {
  if (!state_) return error = io::errc::closed, 0;
  return state_->socket ? state_->socket->read(to.data(), to.size(), error) : state_->in->read(to, error);
}

std::size_t conn::write(io::const_bytes from) {
  return or_throw("write", [&](std::error_code& e) { return write(from, e); });
}
std::size_t conn::write(io::const_bytes from, std::error_code& error) {
  if (!state_) return error = io::errc::closed, 0;
  return state_->socket ? state_->socket->write(from.data(), from.size(), error) : state_->out->write(from, error);
}

void conn::close() {
  or_throw("close", [&](std::error_code& e) { close(e); });
}
void conn::close(std::error_code& error) {
  error.clear();
  if (!state_) {
    error = io::errc::closed;
  } else if (state_->socket) {
    state_->socket->close(error);
  } else {
    state_->in->reader_end.close(io::errc::closed_pipe);
    state_->out->writer_end.close({});
  }
}

void conn::close_write() {
  or_throw("close_write", [&](std::error_code& e) { close_write(e); });
}
void conn::close_write(std::error_code& error) {
  error.clear();
  if (!state_) error = io::errc::closed;
  else if (state_->socket) state_->socket->shut_down(SHUT_WR, error);
  else state_->out->writer_end.close({});
}

void conn::set_deadline(clock::time_point t) {
  or_throw("set_deadline", [&](std::error_code& e) { set_deadline(t, e); });
}
void conn::set_deadline(clock::time_point t, std::error_code& error) {
  set_read_deadline(t, error);
  if (!error) set_write_deadline(t, error);
}
void conn::set_read_deadline(clock::time_point t) {
  or_throw("set_read_deadline", [&](std::error_code& e) { set_read_deadline(t, e); });
}
void conn::set_read_deadline(clock::time_point t, std::error_code& error) {
  error.clear();
  if (!state_) error = io::errc::closed;
  else if (state_->socket) state_->socket->set_read_deadline(detail::in_ns(t), error);
  else state_->in->read_deadline.set(detail::in_time(t));
}
void conn::set_write_deadline(clock::time_point t) {
  or_throw("set_write_deadline", [&](std::error_code& e) { set_write_deadline(t, e); });
}
void conn::set_write_deadline(clock::time_point t, std::error_code& error) {
  error.clear();
  if (!state_) error = io::errc::closed;
  else if (state_->socket) state_->socket->set_write_deadline(detail::in_ns(t), error);
  else state_->out->write_deadline.set(detail::in_time(t));
}

address conn::local_addr() const { return state_ ? state_->local : address(); }
address conn::remote_addr() const { return state_ ? state_->remote : address(); }

void conn::abort(std::error_code& error) {
  if (state_ && state_->socket) {
    state_->socket->use(error, [](int number) {
      const linger discard{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(number, SOL_SOCKET, SO_LINGER, &discard, sizeof discard);
    });
  }
  close(error);
}

bool conn::is_readable() const {
  if (!state_) return true;
  if (!state_->socket) return false;
  std::error_code error;
  bool readable = false;
  state_->socket->use(error, [&](int number) {
    char b;
    const hooks::own_use ours;
    readable = ::recv(number, &b, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EINTR);
  });
  return error || readable;
}

pipe_ends pipe() {
  const auto one = std::make_shared<io::detail::pipe_state>(), other = std::make_shared<io::detail::pipe_state>();
  ravel::detail::counted_ptr a(new detail::conn_state), b(new detail::conn_state);
  a->in = b->out = one;
  a->out = b->in = other;
  a->local = a->remote = b->local = b->remote = address("pipe", "pipe");
  return {conn(std::move(a)), conn(std::move(b))};
}

}  // namespace net
} }
