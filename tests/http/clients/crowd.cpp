// Many clients at once, by epoll; no Ravel. Of the server at $ADDRESS (crowd_server.cpp):
//   crowd idle N        N connections with a request each, then idle; "ready" when all are, and the end when the standard input ends
//   crowd slow N H R W I   N of each kind: a header, and a body, a byte at a time, a reader who reads nothing, an idle one; each must be cut off, and
//                       no earlier than by its own timeout of H, R, W and I milliseconds, while a client that is quick is served
// Prints what it saw; status 1 when something was not so.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "crowd: %s\n", what.c_str());
  std::exit(1);
}

sockaddr_in server_address() {
  const char* text = std::getenv("ADDRESS");
  const char* colon = text == nullptr ? nullptr : std::strchr(text, ':');
  if (colon == nullptr) fail("ADDRESS is not set");
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(static_cast<std::uint16_t>(std::atoi(colon + 1)));
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

int connect_to_server(bool small_buffer) {
  const sockaddr_in to = server_address();
  const int s = ::socket(AF_INET, SOCK_STREAM, 0);
  if (s < 0) fail(std::string("socket: ") + std::strerror(errno) + "; see ulimit -n");
  const int size = 4096;
  if (small_buffer) ::setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (::connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail(std::string("connect: ") + std::strerror(errno));
  return s;
}

bool send_all(int s, std::string_view text) { return ::send(s, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()); }

// One request and its answer, which is "hello\n".
bool is_answered(int s) {
  if (!send_all(s, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")) return false;
  std::string got;
  char buffer[512];
  while (!got.ends_with("\r\n\r\nhello\n")) {
    const ssize_t n = ::recv(s, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    got.append(buffer, static_cast<std::size_t>(n));
  }
  return got.starts_with("HTTP/1.1 200 OK\r\n");
}

void allow_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int stay_idle(int n) {
  std::vector<int> sockets;
  for (int i = 0; i < n; ++i) {
    sockets.push_back(connect_to_server(false));
    if (!is_answered(sockets.back())) fail("no answer on connection " + std::to_string(i));
  }
  std::printf("ready\n");
  std::fflush(stdout);
  while (std::getchar() != EOF) {}
  int closed = 0;
  char b;
  for (int s : sockets) closed += ::recv(s, &b, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN;
  if (closed != 0) fail(std::to_string(closed) + " idle connections were closed");
  return 0;
}

enum kind { header, body, reader, idle, kinds };
constexpr const char* names[kinds] = {"slow header", "slow body", "slow reader", "idle"};

struct slow_client {
  kind is = header;
  int socket = -1;
  clock_type::time_point begun;
  double cut_off_after = -1;  // ms
};

double ms_since(clock_type::time_point t) { return std::chrono::duration<double, std::milli>(clock_type::now() - t).count(); }

struct served {
  const double patience;  // ms
  std::atomic<bool> over{false};
  long requests = 0;
  double longest = 0;  // ms
  bool failed = false;

  void run() {
    int s = connect_to_server(false);
    auto begin = clock_type::now();
    while (!over && !failed) {
      const bool answered = is_answered(s);
      const double took = ms_since(begin);
      begin = clock_type::now();
      if (answered) {
        longest = std::max(longest, took);
        ++requests;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      failed = took < patience;  // else this machine had no time for us, and the connection was cut off by right
      ::close(s);
      s = connect_to_server(false);
    }
    ::close(s);
  }
};

// Begins before the server can: measured from here, no time is shorter than the server's. Again if the machine had no time for us.
slow_client begin(kind k, double patience) {
  for (;;) {
    slow_client c{.is = k, .begun = clock_type::now()};
    c.socket = connect_to_server(k == reader);
    bool ok = true;
    if (k == header) ok = send_all(c.socket, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    if (k == body) ok = send_all(c.socket, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    if (k == reader) ok = send_all(c.socket, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    if (k == idle) ok = is_answered(c.socket);
    if (ms_since(c.begun) < patience) {
      if (!ok) fail(std::string("a client could not even begin: ") + names[k]);
      return c;
    }
    ::close(c.socket);
  }
}

int be_slow(int n, const double (&timeouts)[kinds]) {
  const double patience = timeouts[header] / 2;
  served quick{.patience = patience};
  std::thread served_meanwhile([&] { quick.run(); });
  const int poller = ::epoll_create1(0);
  std::vector<slow_client> clients(static_cast<std::size_t>(n) * kinds);
  std::atomic<std::size_t> begun{0};  // the others are nobody's yet
  std::thread beginning([&] {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      clients[i] = begin(static_cast<kind>(i % kinds), patience);
      begun = i + 1;
      epoll_event e{};
      e.events = EPOLLRDHUP;
      e.data.ptr = &clients[i];
      ::epoll_ctl(poller, EPOLL_CTL_ADD, clients[i].socket, &e);
    }
  });
  std::size_t left = clients.size();
  epoll_event events[256];
  for (auto next = clock_type::now(); left != 0;) {
    const int ready = ::epoll_wait(poller, events, 256, 50);
    for (int i = 0; i < ready; ++i) {
      auto& c = *static_cast<slow_client*>(events[i].data.ptr);
      c.cut_off_after = ms_since(c.begun);
      ::close(c.socket);
      --left;
    }
    if (clock_type::now() < next) continue;
    next += std::chrono::milliseconds(200);
    for (std::size_t i = 0; i < begun; ++i) {
      const slow_client& c = clients[i];
      if (c.cut_off_after < 0 && (c.is == header || c.is == body)) send_all(c.socket, "x");
    }
  }
  beginning.join();
  quick.over = true;
  served_meanwhile.join();

  bool good = !quick.failed;
  std::printf("%-12s %6s %10s %10s %10s %10s\n", "clients", "", "timeout", "first", "median", "last ms");
  for (int k = 0; k < kinds; ++k) {
    std::vector<double> times;
    for (const slow_client& c : clients) {
      if (c.is == k) times.push_back(c.cut_off_after);
    }
    std::sort(times.begin(), times.end());
    std::printf("%-12s %6zu %10.0f %10.0f %10.0f %10.0f\n", names[k], times.size(), timeouts[k], times.front(), times[times.size() / 2], times.back());
    good &= times.front() >= timeouts[k];
  }
  std::printf("served meanwhile: %ld requests, the slowest in %.1f ms%s\n", quick.requests, quick.longest, quick.failed ? ", then one failed" : "");
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  allow_descriptors();
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "idle" && argc == 3) return stay_idle(std::atoi(argv[2]));
  if (what == "slow" && argc == 7) return be_slow(std::atoi(argv[2]), {std::atof(argv[3]), std::atof(argv[4]), std::atof(argv[5]), std::atof(argv[6])});
  std::fprintf(stderr, "crowd idle N | crowd slow N HEADER READ WRITE IDLE\n");
  return 2;
}
