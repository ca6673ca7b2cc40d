// What wrk is to HTTP: echo_load PORT CONNECTIONS SECONDS sends 64 bytes on each connection, waits for them, and sends again. Prints messages,
// messages per second, and the 50th and 99th percentile of the time until they came back, in microseconds. A thread and epoll; no Ravel.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr std::size_t message = 64;

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct client {
  int socket;
  std::size_t received = 0;
  std::int64_t sent = 0;

  void send() {
    static const char text[message] = {};
    sent = now();
    received = 0;
    if (::send(socket, text, message, MSG_NOSIGNAL) != static_cast<ssize_t>(message)) fail("echo_load: send");
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "echo_load PORT CONNECTIONS SECONDS\n"), 2;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int poller = ::epoll_create1(0);
  std::vector<client> clients(static_cast<std::size_t>(std::atoi(argv[2])));
  for (client& c : clients) {
    c.socket = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(c.socket, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("echo_load: connect");
    const int one = 1;
    ::setsockopt(c.socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.ptr = &c;
    ::epoll_ctl(poller, EPOLL_CTL_ADD, c.socket, &e);
  }
  std::vector<std::int64_t> times;
  times.reserve(std::size_t{1} << 22);
  const std::int64_t begin = now(), end = begin + static_cast<std::int64_t>(std::atof(argv[3]) * 1e9);
  for (client& c : clients) c.send();
  epoll_event events[64];
  for (std::int64_t t = begin; t < end; t = now()) {
    const int n = ::epoll_wait(poller, events, 64, 100);
    for (int i = 0; i < n; ++i) {
      client& c = *static_cast<client*>(events[i].data.ptr);
      char buffer[message];
      const ssize_t got = ::recv(c.socket, buffer, message - c.received, 0);
      if (got <= 0) fail("echo_load: the server hung up");
      c.received += static_cast<std::size_t>(got);
      if (c.received < message) continue;
      times.push_back(now() - c.sent);
      c.send();
    }
  }
  if (times.empty()) return std::fprintf(stderr, "echo_load: no answer\n"), 1;
  const double seconds = static_cast<double>(now() - begin) / 1e9;
  const auto percentile = [&](double p) {
    const auto at = times.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(times.size() - 1));
    std::nth_element(times.begin(), at, times.end());
    return static_cast<double>(*at) / 1000;
  };
  std::printf("%zu %.0f %.0f %.0f\n", times.size(), static_cast<double>(times.size()) / seconds, percentile(0.5), percentile(0.99));
}
