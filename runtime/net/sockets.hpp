#pragma once
// What connections and listeners hold. Private to net/.

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "runtime/include/ravel/net.hpp"
#include "runtime/net/edges.hpp"
#include "runtime/net/memory_end.hpp"
#include "runtime/net/simulated_network.hpp"
#include "runtime/netpoll/descriptor.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net::detail {

struct socket_address {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);
  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const noexcept { return storage.ss_family; }
};

address to_address(const socket_address& a);

// Where "host:port" or a path may lead, in the order to try. No host is every address to listen at, and localhost to dial.
std::vector<socket_address> resolve_to_listen(std::string_view network, std::string_view addr, std::error_code& error);
std::vector<socket_address> resolve_to_dial(const context::context& ctx, std::string_view network, std::string_view addr, std::error_code& error);

struct conn_state final : ravel::detail::counted {
  std::unique_ptr<netpoll::descriptor> socket;  // or:
  std::unique_ptr<memory_end> memory;
  address local, remote;
  connection_edges edges;
  edge_handle dialled;                          // of the listener's address; none: it was accepted
  ~conn_state() override;
};

struct listener_state final : ravel::detail::counted {
  std::unique_ptr<netpoll::descriptor> socket;  // or:
  std::unique_ptr<simulated::listener> simulation;
  address local;
  std::string path;                             // of a Unix socket: removed when the listener closes
  std::atomic<bool> path_given_back{false};
  edge_handle known, listens;                   // by who dials; by who listens
  ~listener_state() override;
  void give_path_back() noexcept;
};

// The number becomes a connection; its addresses are asked of the system.
conn make_conn(int number, std::error_code& error);
conn make_conn(std::unique_ptr<netpoll::descriptor> socket, edge_handle dialled, std::error_code& error);
conn make_conn(simulated::connected c);
int new_socket(int family, std::error_code& error);
void install_kernel_copies() noexcept;  // io::copy knows them from then on
edge_handle edge_of_listener(const char* what, const address& at);

}  // namespace net::detail
} }
