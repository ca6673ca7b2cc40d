#pragma once
// The network of a controlled run: listeners of the loopback and Unix paths in memory, and who dials them. Private to net/; only race builds
// have it. What is not on the loopback is refused in words (hooks::refuse_in_controlled_run).
//
// Invariants: as simulated_link. A port is what is listened at and dialled, by its number or path, and lives as long as the run; its listeners
// are those that are not closed. A listener's queue holds connections that were dialled and not accepted, in the order of the dials.

#include <deque>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "runtime/hooks/controlled.hpp"
#include "runtime/include/ravel/context.hpp"
#include "runtime/include/ravel/net.hpp"
#include "runtime/net/memory_end.hpp"
#include "runtime/net/simulated_link.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net::detail {
struct socket_address;
}
} }

namespace ravel::simulated {

using net::detail::memory_end;
using net::detail::socket_address;

// This goroutine's sockets are simulated.
inline bool is_on() noexcept { return hooks::enabled && hooks::maybe_controlled() && hooks::in_controlled_run(); }

struct connected {
  std::unique_ptr<memory_end> end;
  net::address local, remote;
};

struct port;

class listener {
 public:
  listener(port& at, const socket_address& bound);
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  connected accept(std::error_code& error);
  void close(std::error_code& error);
  const net::address& local() const noexcept { return local_; }

 private:
  friend connected dial(const context::context& ctx, const socket_address& to, std::error_code& error);
  friend std::unique_ptr<listener> listen(const socket_address& at, std::error_code& error);

  struct waiting {
    std::shared_ptr<link> over;
    net::address from;
    net::address to;                      // as it was dialled
  };
  bool takes(const socket_address& dialled) const;
  bool overlaps(const socket_address& other) const;
  bool is_of_this_run() const noexcept { return run_ == hooks::controlled_run_number(); }

  const std::uint64_t run_;
  port& port_;
  const std::unique_ptr<const socket_address> bound_;
  net::address local_;
  std::deque<waiting> queue_;
  bool closed_ = false;
  hooks::sync_object known_;              // by who dialled
  hooks::sync_object listens_;            // known by who listens: that it does is learnt by dialling
};

std::unique_ptr<listener> listen(const socket_address& at, std::error_code& error);
connected dial(const context::context& ctx, const socket_address& to, std::error_code& error);

// A name becomes the loopback's addresses, or is refused.
std::vector<socket_address> look_up(const std::string& host, int family, std::uint16_t port);

}  // namespace ravel::simulated
