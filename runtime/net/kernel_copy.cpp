// io::copy from a file to a connection, by sendfile(2). Under -race its edge is that of a write.
//
// Rejected: splice(2) between connections, which is slower over the loopback (README.md).

#include <algorithm>
#include <mutex>

#include "runtime/io/kernel_copy.hpp"
#include "runtime/net/sockets.hpp"
#include "runtime/netpoll/system_calls.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net::detail {

struct conn_access {
  static netpoll::descriptor* socket_of(const conn& c) noexcept { return c.state_ ? c.state_->socket.get() : nullptr; }
};

namespace {

constexpr std::uint64_t most_at_once = 4 << 20;  // as Go: no call keeps its thread for long

// What the kernel says of descriptors that this cannot be done with.
bool cannot(const std::error_code& e) { return e == std::errc::invalid_argument || e == std::errc::function_not_supported || e == std::errc::operation_not_permitted; }

bool send_file(netpoll::descriptor& to, const io::file& from, std::uint64_t most, std::uint64_t& copied, std::error_code& error) {
  while (copied < most && !error) {
    std::size_t n = 0;
    const std::size_t part = static_cast<std::size_t>(std::min(most - copied, most_at_once));
    io::detail::file_access::use(from, error, [&](int number, mutex& reading) {
      n = to.send_file([&](int socket) {
        const std::lock_guard at_its_position(reading);
        return netpoll::calls::send_file(socket, number, part);
      }, error);
    });
    copied += n;
    if (copied == 0 && error && cannot(error)) return false;
    if (n == 0) break;
  }
  return true;
}

bool copy_in_kernel(io::writer& to, io::reader& from, std::uint64_t most, std::uint64_t& copied, std::error_code& error) {
  const auto* target = dynamic_cast<const conn*>(&to);
  netpoll::descriptor* socket = target != nullptr ? conn_access::socket_of(*target) : nullptr;
  if (socket == nullptr) return false;
  const conn held = *target;  // the caller may drop his while this goes on
  const auto* f = dynamic_cast<const io::file*>(&from);
  const bool done = f != nullptr && send_file(*socket, io::file(*f), most, copied, error);
  if (!done) error.clear();
  return done;
}

}  // namespace

void install_kernel_copies() noexcept { io::detail::copies_in_kernel.store(copy_in_kernel, std::memory_order_relaxed); }

}  // namespace net::detail
} }
