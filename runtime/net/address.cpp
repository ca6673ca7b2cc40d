#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "runtime/include/ravel/go.hpp"
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

std::vector<socket_address> resolve(std::string_view network, std::string_view addr, bool to_listen, std::error_code& error) {
  error.clear();
  std::vector<socket_address> found;
  if (network == "unix") {
    socket_address a;
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    if (addr.empty() || addr.size() >= sizeof un.sun_path) {
      error = std::make_error_code(addr.empty() ? std::errc::invalid_argument : std::errc::filename_too_long);
      return found;
    }
    std::memcpy(un.sun_path, addr.data(), addr.size());
    std::memcpy(&a.storage, &un, sizeof un);
    a.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + addr.size() + 1);
    return {a};
  }
  const std::size_t colon = addr.rfind(':');
  if ((network != "tcp" && network != "tcp4" && network != "tcp6") || colon == addr.npos) {
    error = std::make_error_code(std::errc::invalid_argument);
    return found;
  }
  std::string host(addr.substr(0, colon));
  std::string port(addr.substr(colon + 1));
  if (port == "http") port = "80";  // without /etc/services too
  if (port == "https") port = "443";
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.empty() && !to_listen) host = "localhost";
  addrinfo hints{};
  hints.ai_family = network == "tcp4" ? AF_INET : network == "tcp6" ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = (to_listen ? AI_PASSIVE : 0) | AI_NUMERICHOST;
  addrinfo* list = nullptr;
  int failed = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.empty() ? "0" : port.c_str(), &hints, &list);
  if (failed == EAI_NONAME && !host.empty()) {  // not written in numbers: files and servers have to be asked, which may take long
    hints.ai_flags &= ~AI_NUMERICHOST;
    blocking([&] { failed = ::getaddrinfo(host.c_str(), port.empty() ? "0" : port.c_str(), &hints, &list); });
  }
  if (failed != 0) {
    error = failed == EAI_SYSTEM ? std::error_code(errno, std::system_category()) : std::error_code(failed, of_resolver);
    return found;
  }
  for (const addrinfo* i = list; i != nullptr; i = i->ai_next) {
    socket_address a;
    std::memcpy(&a.storage, i->ai_addr, i->ai_addrlen);
    a.length = i->ai_addrlen;
    found.push_back(a);
  }
  ::freeaddrinfo(list);
  // A socket for IPv6 takes IPv4 too when it listens for every address, so it goes first there; else IPv4 goes first, as localhost is bound so.
  std::stable_sort(found.begin(), found.end(), [&](const socket_address& a, const socket_address& b) {
    const int first = to_listen && host.empty() ? AF_INET6 : AF_INET;
    return (a.family() == first) > (b.family() == first);
  });
  return found;
}

}  // namespace detail
}  // namespace net
} }
