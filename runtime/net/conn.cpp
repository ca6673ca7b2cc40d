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

// The socket tells its edges that it closes, so they go after it.
conn_state::~conn_state() {
  socket.reset();
  if constexpr (hooks::enabled) {
    // What was written is still to be read by one who is not accepted yet: the edge would go with this end.
    if (edges.told.is_only_holder() && dialled.get() != nullptr) {
      hooks::sink().release_merge(sched::current(), *dialled.get(), hooks::operation::descriptor_write);
    }
  }
}

conn make_conn(int number, std::error_code& error) {
  auto socket = std::make_unique<netpoll::descriptor>(number, error);
  if (error) return {};
  return make_conn(std::move(socket), {}, error);
}

conn make_conn(simulated::connected c) {
  ravel::detail::counted_ptr made(new conn_state);
  made->local = std::move(c.local);
  made->remote = std::move(c.remote);
  made->memory = std::move(c.end);
  return conn(std::move(made));
}

namespace {

// One who dialled a Unix socket has a name too, under -race: dial gives it one.
std::string edge_name(const socket_address& a) {
  if (a.family() != AF_UNIX) return to_address(a).to_string();
  const std::size_t begin = offsetof(sockaddr_un, sun_path);
  return {reinterpret_cast<const char*>(&a.storage) + begin, a.length > begin ? a.length - begin : 0};
}

}  // namespace

edge_handle edge_of_listener(const char* what, const address& at) {
  if constexpr (!hooks::enabled) return {};
  return edge_handle(what + (at.network() == "unix" ? at.to_string() : std::to_string(at.port())));
}

conn make_conn(std::unique_ptr<netpoll::descriptor> socket, edge_handle dialled, std::error_code& error) {
  const socket_address local = name_of(*socket, ask_local, error);
  if (error) return {};
  const socket_address remote = name_of(*socket, ask_remote, error);
  if (error) return {};
  install_kernel_copies();
  ravel::detail::counted_ptr made(new conn_state);
  made->local = to_address(local);
  made->remote = to_address(remote);
  if (local.family() != AF_UNIX) {
    socket->use(error, [](int number) {
      const int one = 1;
      ::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    });
  }
  if constexpr (hooks::enabled) {
    const std::string here = edge_name(local), there = edge_name(remote);
    made->edges = {edge_handle(here + ">" + there), edge_handle(there + ">" + here)};
    made->dialled = std::move(dialled);
    socket->set_edges(made->edges.told.get(), made->edges.learned.get());
  }
  made->socket = std::move(socket);
  return conn(std::move(made));
}

}  // namespace detail

std::size_t conn::read(io::bytes to) {
  return or_throw("read", [&](std::error_code& e) { return read(to, e); });
}
std::size_t conn::read(io::bytes to, std::error_code& error) {
  if (!state_) return error = io::errc::closed, 0;
  return state_->socket ? state_->socket->read(to.data(), to.size(), error) : state_->memory->read(to, error);
}

std::size_t conn::write(io::const_bytes from) {
  return or_throw("write", [&](std::error_code& e) { return write(from, e); });
}
std::size_t conn::write(io::const_bytes from, std::error_code& error) {
  if (!state_) return error = io::errc::closed, 0;
  return state_->socket ? state_->socket->write(from.data(), from.size(), error) : state_->memory->write(from, error);
}

void conn::close() {
  or_throw("close", [&](std::error_code& e) { close(e); });
}
void conn::close(std::error_code& error) {
  if (!state_) error = io::errc::closed;
  else if (state_->socket) state_->socket->close(error);
  else state_->memory->close(error);
}

void conn::close_write() {
  or_throw("close_write", [&](std::error_code& e) { close_write(e); });
}
void conn::close_write(std::error_code& error) {
  if (!state_) error = io::errc::closed;
  else if (state_->socket) state_->socket->shut_down(SHUT_WR, error);
  else state_->memory->close_write(error);
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
  if (!state_) error = io::errc::closed;
  else if (state_->socket) state_->socket->set_read_deadline(detail::in_ns(t), error);
  else state_->memory->set_read_deadline(t, error);
}
void conn::set_write_deadline(clock::time_point t) {
  or_throw("set_write_deadline", [&](std::error_code& e) { set_write_deadline(t, e); });
}
void conn::set_write_deadline(clock::time_point t, std::error_code& error) {
  if (!state_) error = io::errc::closed;
  else if (state_->socket) state_->socket->set_write_deadline(detail::in_ns(t), error);
  else state_->memory->set_write_deadline(t, error);
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
  if (!state_->socket) return state_->memory->is_readable();
  std::error_code error;
  bool readable = false;
  state_->socket->use(error, [&](int number) {
    char b;
    const hooks::own_use ours;
    readable = ::recv(number, &b, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EINTR);
  });
  return error || readable;
}

}  // namespace net
} }
