// Connections of package net: the memory they fill and read, and what one end learns of the other.

#include <ravel/http.hpp>
#include <ravel/net.hpp>

#include "program.hpp"

using programs::together;
using programs::use;

namespace {

struct ends {
  ravel::net::conn client, server;
};

ends connected() {
  ravel::net::listener l = ravel::net::listen("tcp", "127.0.0.1:0");
  ends e;
  e.client = ravel::net::dial("tcp", l.addr().to_string());
  e.server = l.accept();
  return e;
}

std::byte shared_buffer[8];
int value = 0;

}  // namespace

RAVEL_PROGRAM(norace_net_write_before_read) {
  ends e = connected();
  together(
      [&] {
        value = 1;
        e.client.write(ravel::io::as_bytes("x"));
      },
      [&] {
        std::byte b[1];
        e.server.read(b);
        use(value);
      });
}

RAVEL_PROGRAM(norace_net_pipe_write_before_read) {
  auto [a, b] = ravel::net::pipe();
  together(
      [a = a]() mutable {
        value = 1;
        a.write(ravel::io::as_bytes("x"));
      },
      [b = b]() mutable {
        std::byte one[1];
        b.read(one);
        use(value);
      });
}

// The last to let go of a connection of the client is one whose request is long over: others have used the connection, and closed it.
RAVEL_PROGRAM(norace_http_answer_outlives_its_connection) {
  ravel::net::listener l = ravel::net::listen("tcp", "127.0.0.1:0");
  ravel::http::server server{.handler = [](ravel::http::response_writer& w, ravel::http::request& r) { w.write(r.path); }};
  ravel::wait_group serving, user;
  serving.go([&] { server.serve(l); });
  const ravel::http::client client{.transport = std::make_shared<ravel::http::transport>()};
  const std::string url = "http://" + l.addr().to_string();
  {
    ravel::http::response kept = client.get(url + "/a");
    ravel::io::read_all(kept.body);
    user.go([&] {
      ravel::http::request last("GET", url + "/b");
      last.close = true;
      ravel::io::read_all(client.do_request(last).body);
    });
    ravel::sleep_for(std::chrono::milliseconds(50));  // orders nothing
  }
  user.wait();
  server.close();
  serving.wait();
}

RAVEL_PROGRAM(race_net_write_after_write) {
  ends e = connected();
  together(
      [&] {
        e.client.write(ravel::io::as_bytes("x"));
        value = 1;  // races
      },
      [&] {
        std::byte b[1];
        e.server.read(b);
        use(value);  // races
      });
}

RAVEL_PROGRAM(race_net_buffer_filled) {
  ends e = connected();
  e.client.write(ravel::io::as_bytes("x"));
  together(
      [&] {
        e.server.read(shared_buffer);  // races
      },
      [&] {
        use(shared_buffer[0]);  // races
      });
}
