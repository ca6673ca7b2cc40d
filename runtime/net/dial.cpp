#include <mutex>
#include <optional>

#include "runtime/include/ravel/sync.hpp"
#include "runtime/io/throwing.hpp"
#include "runtime/net/happy_eyeballs.hpp"
#include "runtime/net/sockets.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net {

using detail_of_io::or_throw;

namespace {

conn dial_one(const context::context& ctx, const detail::socket_address& to, std::error_code& error) {
  error.clear();
  if (simulated::is_on()) {
    simulated::connected c = simulated::dial(ctx, to, error);
    return error ? conn() : detail::make_conn(std::move(c));
  }
  const int number = detail::new_socket(to.family(), error);
  if (number < 0) return {};
  if constexpr (hooks::enabled) {
    // A name of its own, which the system makes up and no user sees (unix(7), autobind): so the two ends find each other's edges. Where it
    // cannot have one, it shares them with the others of its path.
    const sa_family_t family = AF_UNIX;
    sockaddr nobody{};
    nobody.sa_family = family;
    if (to.family() == family) ::bind(number, &nobody, sizeof family);
  }
  // The context's end may come while the connection is made, and closes it then.
  struct attempt {
    std::unique_ptr<netpoll::descriptor> socket;
    mutex lock;
    bool over = false;
  };
  const auto a = std::make_shared<attempt>();
  a->socket = std::make_unique<netpoll::descriptor>(number, error);
  if (error) return {};
  const address name = detail::to_address(to);
  detail::edge_handle known = detail::edge_of_listener("dial ", name);
  const detail::edge_handle listens = detail::edge_of_listener("listen ", name);
  if constexpr (hooks::enabled) a->socket->set_edges(known.get(), listens.get());
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
  return detail::make_conn(std::move(socket), std::move(known), error);
}

}  // namespace

conn dial(std::string_view network, std::string_view addr) { return dial(context::background(), network, addr); }
conn dial(std::string_view network, std::string_view addr, std::error_code& error) { return dial(context::background(), network, addr, error); }

conn dial(const context::context& ctx, std::string_view network, std::string_view addr) {
  return or_throw([&] { return "dial " + std::string(network) + " " + std::string(addr); },
                  [&](std::error_code& e) { return dial(ctx, network, addr, e); });
}

conn dial(const context::context& ctx, std::string_view network, std::string_view addr, std::error_code& error) {
  error = ctx.err();
  if (error) return {};
  const auto candidates = detail::resolve_to_dial(ctx, network, addr, error);
  if (error) return {};
  return happy_eyeballs::dial<conn>(ctx, candidates, &dial_one, error);
}

}  // namespace net
} }
