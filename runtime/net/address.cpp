#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>
#include <optional>

#include "runtime/include/ravel/go.hpp"
#include "runtime/include/ravel/select.hpp"
#include "runtime/net/sockets.hpp"

namespace ravel { inline namespace RAVEL_VARIANT {
namespace net {

namespace {

class resolver_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "ravel.resolver"; }
  std::string message(int code) const override { return std::string("lookup: ") + ::gai_strerror(code); }
};
const resolver_category of_resolver;

}  // namespace

std::uint16_t address::port() const noexcept {
  std::uint16_t n = 0;
  const std::size_t colon = text_.rfind(':');
  if (network_ == "tcp" && colon != text_.npos) std::from_chars(text_.data() + colon + 1, text_.data() + text_.size(), n);
  return n;
}

namespace detail {

address to_address(const socket_address& a) {
  char text[INET6_ADDRSTRLEN] = "";
  if (a.family() == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &a.storage, sizeof in);
    ::inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    return {"tcp", std::string(text) + ":" + std::to_string(ntohs(in.sin_port))};
  }
  if (a.family() == AF_INET6) {
    sockaddr_in6 in;
    std::memcpy(&in, &a.storage, sizeof in);
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {  // one who came by IPv4 to a socket for both
      ::inet_ntop(AF_INET, in.sin6_addr.s6_addr + 12, text, sizeof text);
      return {"tcp", std::string(text) + ":" + std::to_string(ntohs(in.sin6_port))};
    }
    ::inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    return {"tcp", "[" + std::string(text) + "]:" + std::to_string(ntohs(in.sin6_port))};
  }
  sockaddr_un un;
  std::memcpy(&un, &a.storage, sizeof un);
  const std::size_t begin = offsetof(sockaddr_un, sun_path);
  return {"unix", a.length > begin ? std::string(un.sun_path, ::strnlen(un.sun_path, a.length - begin)) : ""};
}

namespace {

// getaddrinfo's answer.
struct answer {
  addrinfo* list = nullptr;
  int failed = 0;
  std::error_code system;
  answer() = default;
  answer(const answer&) = delete;
  answer& operator=(const answer&) = delete;
  ~answer() {
    if (list != nullptr) ::freeaddrinfo(list);
  }
  void ask(const std::string& host, const std::string& port, const addrinfo& hints) {
    failed = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.empty() ? "0" : port.c_str(), &hints, &list);
    if (failed == EAI_SYSTEM) system = {errno, std::system_category()};
  }
  std::error_code error() const {
    if (failed == 0) return {};
    return failed == EAI_SYSTEM ? system : std::error_code(failed, of_resolver);
  }
};

// Files and servers have to be asked, which may take long and cannot be interrupted: when the context ends first, the answer is nobody's.
std::shared_ptr<answer> look_up(const context::context& ctx, const std::string& host, const std::string& port, const addrinfo& hints, std::error_code& error) {
  auto a = std::make_shared<answer>();
  if (!ctx.done()) {
    blocking([&] { a->ask(host, port, hints); });
    return a;
  }
  auto answered = make_chan<unit>();
  go({.name = "net: look-up of a name"}, [a, answered, host, port, hints]() mutable {
    blocking([&] { a->ask(host, port, hints); });
    answered.close();
  });
  select(on_recv(answered), on_recv(ctx.done()));
  error = ctx.err();
  return a;
}

std::vector<socket_address> unix_address(std::string_view path, std::error_code& error) {
  socket_address a;
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof un.sun_path) {
    error = std::make_error_code(path.empty() ? std::errc::invalid_argument : std::errc::filename_too_long);
    return {};
  }
  std::memcpy(un.sun_path, path.data(), path.size());
  std::memcpy(&a.storage, &un, sizeof un);
  a.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return {a};
}

struct host_and_port {
  std::string host, port;
};

std::optional<host_and_port> split(std::string_view addr) {
  const std::size_t colon = addr.rfind(':');
  if (colon == addr.npos) return std::nullopt;
  host_and_port p{std::string(addr.substr(0, colon)), std::string(addr.substr(colon + 1))};
  if (p.port == "http") p.port = "80";  // without /etc/services too
  if (p.port == "https") p.port = "443";
  if (p.host.size() > 1 && p.host.front() == '[' && p.host.back() == ']') p.host = p.host.substr(1, p.host.size() - 2);
  return p;
}

std::vector<socket_address> resolve(const context::context& ctx, std::string_view network, const host_and_port& at, int flags, std::error_code& error) {
  addrinfo hints{};
  hints.ai_family = network == "tcp4" ? AF_INET : network == "tcp6" ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICHOST;
  auto a = std::make_shared<answer>();
  a->ask(at.host, at.port, hints);
  if (a->failed == EAI_NONAME && !at.host.empty()) {  // not written in numbers
    hints.ai_flags = flags;
    // A controlled run has names of its own, but not of services.
    if (simulated::is_on()) {
      std::uint16_t number = 0;
      const char* end = at.port.data() + at.port.size();
      if (std::from_chars(at.port.data(), end, number).ptr == end) return simulated::look_up(at.host, hints.ai_family, number);
    } else {
      a = look_up(ctx, at.host, at.port, hints, error);
      if (error) return {};
    }
  }
  error = a->error();
  std::vector<socket_address> found;
  for (const addrinfo* i = error ? nullptr : a->list; i != nullptr; i = i->ai_next) {
    socket_address to;
    std::memcpy(&to.storage, i->ai_addr, i->ai_addrlen);
    to.length = i->ai_addrlen;
    found.push_back(to);
  }
  return found;
}

bool is_tcp(std::string_view network) { return network == "tcp" || network == "tcp4" || network == "tcp6"; }

}  // namespace

std::vector<socket_address> resolve_to_listen(std::string_view network, std::string_view addr, std::error_code& error) {
  error.clear();
  if (network == "unix") return unix_address(addr, error);
  const auto at = split(addr);
  if (!is_tcp(network) || !at) {
    error = std::make_error_code(std::errc::invalid_argument);
    return {};
  }
  const auto found = resolve(context::background(), network, *at, AI_PASSIVE, error);
  // A socket for IPv6 takes IPv4 too when it listens for every address, so it goes first there; else IPv4 goes first, as in Go.
  const int first = at->host.empty() ? AF_INET6 : AF_INET;
  std::vector<socket_address> in_order;
  for (const bool is_first : {true, false}) {
    std::copy_if(found.begin(), found.end(), std::back_inserter(in_order), [&](const socket_address& a) { return (a.family() == first) == is_first; });
  }
  return in_order;
}

// In the resolver's order, which is RFC 6724's.
std::vector<socket_address> resolve_to_dial(const context::context& ctx, std::string_view network, std::string_view addr, std::error_code& error) {
  error.clear();
  if (network == "unix") return unix_address(addr, error);
  auto at = split(addr);
  if (!is_tcp(network) || !at) {
    error = std::make_error_code(std::errc::invalid_argument);
    return {};
  }
  if (at->host.empty()) at->host = "localhost";
  return resolve(ctx, network, *at, 0, error);
}

}  // namespace detail
}  // namespace net
} }
