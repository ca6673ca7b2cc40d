// A reverse proxy: each request goes on to the next of several servers, bodies and answers as they come, never whole in memory.

#include <ravel/http.hpp>
#include <ravel/ravel.hpp>

#include <atomic>
#include <iostream>
#include <string>
#include <vector>

namespace http = ravel::http;

namespace {

// These are between two neighbours, not between client and server (RFC 9110, 7.6.1).
void remove_hop_by_hop(http::headers& h) {
  const std::string named(h.get("Connection"));
  for (std::size_t at = 0; at < named.size();) {
    const std::size_t end = std::min(named.find(',', at), named.size());
    const std::size_t begin = named.find_first_not_of(' ', at);
    if (begin < end) h.erase(named.substr(begin, end - begin));
    at = end + 1;
  }
  for (const char* name : {"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}) h.erase(name);
}

class reverse_proxy {
 public:
  explicit reverse_proxy(std::vector<std::string> servers) : servers_(std::move(servers)) {}

  void operator()(http::response_writer& w, http::request& in) {
    http::request out = in.with_context(in.context());  // a client that goes away ends the request to the server too
    out.scheme = "http";
    out.host = servers_[next_++ % servers_.size()];
    remove_hop_by_hop(out.headers);
    out.headers.add("X-Forwarded-For", in.remote_addr);
    http::response answer;
    try {
      answer = transport_.round_trip(out);
    } catch (const std::system_error& e) {
      return http::error(w, e.what(), 502);
    }
    remove_hop_by_hop(answer.headers);
    for (const auto& [name, value] : answer.headers) w.headers().add(name, value);
    w.write_header(answer.status);
    if (answer.status != 204 && answer.status != 304 && in.method != "HEAD") ravel::io::copy(w, answer.body);
  }

 private:
  const std::vector<std::string> servers_;
  std::atomic<std::size_t> next_{0};
  http::transport transport_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: " << argv[0] << " ADDRESS SERVER...\n";
    return 2;
  }
  reverse_proxy proxy({argv + 2, argv + argc});
  ravel::net::listener listener = ravel::net::listen("tcp", argv[1]);
  std::cout << "http://" << listener.addr().to_string() << std::endl;
  http::server server{.handler = std::ref(proxy)};
  ravel::wait_group serving;
  serving.go([&] { server.serve(listener); });
  ravel::blocking([] { std::cin.get(); });  // until Enter, or the end of the input
  server.shutdown();
  serving.wait();
}
