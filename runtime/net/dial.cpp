#include <mutex>
#include <optional>

#include "runtime/include/ravel/sync.hpp"
#include "runtime/net/sockets.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net {

namespace {

conn dial_one(const context::context& ctx, const detail::socket_address& to, std::error_code& error) {
  error.clear();
  const int number = detail::new_socket(to.family(), error);
  if (number < 0) return {};
  // The context's end may come while the connection is made, and closes it then.
  struct attempt {
    std::unique_ptr<netpoll::descriptor> socket;
    mutex lock;
    bool over = false;
  };
  const auto a = std::make_shared<attempt>();
  a->socket = std::make_unique<netpoll::descriptor>(number, error);
  if (error) return {};
  const detail::edge_handle edge = [&] {
    if constexpr (!hooks::enabled) return detail::edge_handle();
    const address name = detail::to_address(to);
    return detail::edge_handle("listen " + (name.network() == "unix" ? name.to_string() : std::to_string(name.port())));
  }();
  if constexpr (hooks::enabled) a->socket->set_edges(edge.get(), nullptr);
  std::optional<context::stop_func> stop;
  if (ctx.done()) {
    stop.emplace(context::after_func(ctx, [a] {
      const std::lock_guard hold(a->lock);
      std::error_code ignored;
      if (!a->over) a->socket->close(ignored);
    }));
  }
  a->socket->connect(to.get(), to.length, error);
  std::unique_ptr<netpoll::descriptor> socket;
  {
    const std::lock_guard hold(a->lock);
    a->over = true;
    socket = std::move(a->socket);
  }
  if (stop) (*stop)();
  if (error) {
    if (ctx.err()) error = ctx.err();
    return {};
  }
  return detail::make_conn(std::move(socket), error);
}

}  // namespace

conn dial(std::string_view network, std::string_view addr) { return dial(context::background(), network, addr); }
conn dial(std::string_view network, std::string_view addr, std::error_code& error) { return dial(context::background(), network, addr, error); }

conn dial(const context::context& ctx, std::string_view network, std::string_view addr) {
  std::error_code error;
  conn c = dial(ctx, network, addr, error);
  if (error) throw std::system_error(error, "dial " + std::string(network) + " " + std::string(addr));
  return c;
}

conn dial(const context::context& ctx, std::string_view network, std::string_view addr, std::error_code& error) {
  error = ctx.err();
  if (error) return {};
  const auto candidates = detail::resolve(network, addr, false, error);
  if (error) return {};
  for (const auto& to : candidates) {
    conn c = dial_one(ctx, to, error);
    if (!error) return c;
    if (ctx.err()) break;
  }
  return {};
}

}  // namespace net
} }
