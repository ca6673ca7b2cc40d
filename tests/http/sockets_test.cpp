// Server and client over the loopback, with real sockets.
#include <gtest/gtest.h>
#include <ravel/http.hpp>
#include <ravel/ravel.hpp>

#include <fstream>

using namespace ravel;
using namespace std::chrono_literals;

namespace {

class running_server {
 public:
  explicit running_server(http::handler h) : server_{.handler = std::move(h)}, listener_(net::listen("tcp", "127.0.0.1:0")) {
    serving_.go([this] { server_.serve(listener_); });
  }
  ~running_server() {
    server_.close();
    serving_.wait();
  }
  std::string url() const { return "http://" + listener_.addr().to_string(); }
  http::server& server() { return server_; }

 private:
  http::server server_;
  net::listener listener_;
  wait_group serving_;
};

long resident_kib() {
  std::ifstream statm("/proc/self/statm");
  long all = 0, resident = 0;
  statm >> all >> resident;
  return resident * 4;
}

}  // namespace

TEST(http_sockets, many_clients_at_once) {
  running_server s([](http::response_writer& w, http::request& r) { w.write(r.method + io::read_all(r.body)); });
  http::transport through;
  wait_group all;
  std::atomic<int> good{0};
  for (int i = 0; i < 20; ++i) {
    all.go([&, i] {
      for (int n = 0; n < 20; ++n) {
        const std::string text = std::to_string(i) + std::string(static_cast<std::size_t>(n) * 500, 'x');
        http::request r("POST", s.url(), text);
        http::response answer = through.round_trip(r);
        good += answer.status == 200 && io::read_all(answer.body) == "POST" + text;
      }
    });
  }
  all.wait();
  EXPECT_EQ(good, 400);
}

TEST(http_sockets, the_context_ends_when_the_client_goes_away) {
  auto inside = make_chan<unit>();
  auto ended = make_chan<std::error_code>(1);
  running_server s([=](http::response_writer&, http::request& r) {
    const auto ctx = r.context();
    inside << unit{};
    ctx.done().recv();
    ended << ctx.err();
  });
  auto [ctx, cancel] = context::with_cancel(context::background());
  go([=, cancel = cancel] {
    inside.recv();
    cancel();
  });
  std::error_code error;
  http::client().do_request(http::request("GET", s.url()).with_context(ctx), error);
  EXPECT_EQ(error, context::errc::canceled);
  EXPECT_EQ(*ended.recv(), context::errc::canceled);
}

TEST(http_sockets, a_connection_closed_while_idle_is_not_used_again) {
  http::transport through;
  std::string address = "127.0.0.1:0";
  for (int i = 0; i < 10; ++i) {  // one server after the other at the same address
    http::server once{.handler = [i](http::response_writer& w, http::request&) { w.write(std::to_string(i)); }};
    net::listener l = net::listen("tcp", address);
    address = l.addr().to_string();
    wait_group serving;
    serving.go([&] { once.serve(l); });
    http::request r("POST", "http://" + address, "a");  // it would not be sent twice
    EXPECT_EQ(io::read_all(through.round_trip(r).body), std::to_string(i));
    once.close();
    once.shutdown();  // waits until the sockets are closed
    serving.wait();
  }
}

TEST(http_sockets, thousand_held_connections_leave_room_for_good_clients) {
  running_server s([](http::response_writer& w, http::request&) { w.write("x"); });
  const std::string address = s.url().substr(7);
  std::vector<net::conn> held;
  const long before = resident_kib();
  for (int i = 0; i < 1000; ++i) {
    held.push_back(net::dial("tcp", address));
    held.back().write(io::as_bytes(i % 2 == 0 ? "GET / HTTP/1.1\r\nHost: a\r\n\r\n" : "GET / HTTP/1.1\r\nHo"));
  }
  for (int i = 0; i < 1000; i += 2) {
    std::byte b[512];
    EXPECT_GT(held[static_cast<std::size_t>(i)].read(b), 0u);
  }
  EXPECT_EQ(io::read_all(http::get(s.url()).body), "x");
  EXPECT_LT((resident_kib() - before) / 1000, 24) << "KiB a connection, both of its ends";
  for (net::conn& c : held) c.close();
}

TEST(http_sockets, listen_and_serve_ends_with_shutdown) {
  http::server s{.addr = "127.0.0.1:0", .handler = [](http::response_writer&, http::request&) {}};
  wait_group serving;
  serving.go([&] { s.listen_and_serve(); });
  s.shutdown();
  serving.wait();
  s.listen_and_serve();  // returns at once
  http::server taken;
  const net::listener l = net::listen("tcp", "127.0.0.1:0");
  taken.addr = l.addr().to_string();
  std::error_code error;
  taken.listen_and_serve(error);
  EXPECT_EQ(error, std::errc::address_in_use);
}
