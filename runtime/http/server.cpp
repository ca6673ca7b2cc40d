#include <algorithm>
#include <cstdio>
#include <mutex>

#include "runtime/http/server_connection.hpp"
#include "runtime/include/ravel/select.hpp"
#include "runtime/io/throwing.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {

using http_text::server_connection;
using http_text::core_ptr;
using http_text::server_settings;
using http_text::settings_ptr;
using detail_of_io::or_throw;

namespace http::detail {

server_core::arrival::arrival(core_ptr core) {
  const std::lock_guard hold(core->lock);
  if (core->closing) return;
  ++core->arrivals;
  core_ = core;
}

server_core::arrival::~arrival() {
  if (!core_) return;
  const std::lock_guard hold(core_->lock);
  --core_->arrivals;
  core_->tell_if_none_left_locked();
}

bool server_core::add(server_connection& c, bool arrived) {
  const std::lock_guard hold(lock);
  if (closing && (!arrived || close_at_once)) return false;
  c.place = connections.insert(connections.end(), &c);
  if (closing) c.close_if_idle();  // shutdown did not meet it
  return true;
}

void server_core::remove(server_connection& c) noexcept {
  const std::lock_guard hold(lock);
  connections.erase(c.place);
  tell_if_none_left_locked();
}

void server_core::tell_if_none_left_locked() {
  if (!closing || !connections.empty() || arrivals != 0 || told_none_left) return;
  told_none_left = true;
  none_left.close();
}

void server_core::close_listeners_locked() noexcept {
  std::error_code ignored;
  for (net::listener* l : listeners) l->close(ignored);
}

server_handle::server_handle() : core_(new server_core) {}
server_core& server_handle::get() const noexcept { return *core_; }

}  // namespace http::detail

namespace http {

namespace {

void run_connection(net::conn c, detail::server_core::arrival arrived, core_ptr core, settings_ptr settings) {
  struct membership {
    core_ptr core;
    server_connection connection;
    bool added;
    membership(net::conn c, bool arrived, core_ptr k, settings_ptr s)
        : core(k), connection(std::move(c), k, std::move(s)), added(core->add(connection, arrived)) {}
    ~membership() {
      connection.end();
      if (added) core->remove(connection);
    }
  } m(std::move(c), static_cast<bool>(arrived), std::move(core), std::move(settings));
  { const auto it_is_here = std::move(arrived); }
  if (m.added) m.connection.run();
}

}  // namespace

void server::serve(net::listener l) {
  or_throw("http::server::serve", [&](std::error_code& e) { serve(std::move(l), e); });
}

void server::serve(net::listener l, std::error_code& error) {
  const auto shared_core = core.shared();
  const auto settings = settings_ptr(new server_settings(*this));
  {
    const std::lock_guard hold(shared_core->lock);
    error.clear();
    if (!shared_core->closing) shared_core->listeners.push_back(&l);
    else l.close(error);
    error.clear();
    if (shared_core->closing) return;
  }
  for (;;) {
    net::conn c = l.accept(error);
    if (error) break;
    detail::server_core::arrival arrived(shared_core);
    if (arrived) go({.name = "http: connection"}, run_connection, std::move(c), std::move(arrived), shared_core, settings);
  }
  const std::lock_guard hold(shared_core->lock);
  shared_core->listeners.remove(&l);
  std::error_code ignored;
  l.close(ignored);
  if (shared_core->closing) error.clear();
}

void server::serve_connection(net::conn c) { run_connection(std::move(c), {}, core.shared(), settings_ptr(new server_settings(*this))); }

void server::listen_and_serve() {
  or_throw([this] { return "http::server::listen_and_serve " + addr; }, [this](std::error_code& e) { listen_and_serve(e); });
}

void server::listen_and_serve(std::error_code& error) {
  error.clear();
  {
    const std::lock_guard hold(core.get().lock);
    if (core.get().closing) return;
  }
  net::listener l = net::listen("tcp", addr.empty() ? ":http" : addr, error);
  if (!error) serve(std::move(l), error);
}

void server::shutdown(context::context ctx) {
  or_throw("http::server::shutdown", [&](std::error_code& e) { shutdown(std::move(ctx), e); });
}

void server::shutdown(context::context ctx, std::error_code& error) {
  error.clear();
  const auto shared_core = core.shared();
  {
    const std::lock_guard hold(shared_core->lock);
    shared_core->closing = true;
    shared_core->close_listeners_locked();
    for (server_connection* c : shared_core->connections) c->close_if_idle();
    shared_core->tell_if_none_left_locked();
  }
  select(on_recv(shared_core->none_left), on_recv(ctx.done(), [&](std::optional<unit>) { error = ctx.err(); }));
}

void server::close() {
  const std::lock_guard hold(core.get().lock);
  core.get().closing = core.get().close_at_once = true;
  core.get().close_listeners_locked();
  for (server_connection* c : core.get().connections) c->close_now();
  core.get().tell_if_none_left_locked();
}

void listen_and_serve(std::string addr, handler h) {
  server s{.addr = std::move(addr), .handler = std::move(h)};
  s.listen_and_serve();
}

}  // namespace http
} }

namespace ravel::http_text {

namespace {

constexpr clock::duration header_default = std::chrono::seconds(10), whole_default = std::chrono::minutes(1), idle_default = std::chrono::minutes(2);

clock::duration either(clock::duration asked, clock::duration otherwise) { return asked.count() < 0 ? otherwise : asked; }

// The nearer of two, of which zero is none.
clock::duration nearer(clock::duration a, clock::duration b) { return a.count() == 0 ? b : b.count() == 0 ? a : std::min(a, b); }

}  // namespace

server_settings::server_settings(const http::server& s)
    : handler(s.handler ? s.handler : http::handler(http::default_serve_mux())),
      read_timeout(either(s.read_timeout, whole_default)),
      read_header_timeout(nearer(either(s.read_header_timeout, header_default), read_timeout)),
      write_timeout(either(s.write_timeout, whole_default)),
      idle_timeout(either(s.idle_timeout, s.read_timeout.count() > 0 ? s.read_timeout : idle_default)),
      max_header_bytes(s.max_header_bytes > 0 ? static_cast<std::size_t>(s.max_header_bytes) : std::size_t{1} << 20),
      error_log(s.error_log) {
  if (idle_timeout.count() == 0) idle_timeout = read_timeout;
}

void server_settings::log(std::string_view line) const {
  if (error_log) return error_log(line);
  const std::string whole = std::string(line) + "\n";
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

}  // namespace ravel::http_text
