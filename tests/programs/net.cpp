// Connections of package net: the memory they fill and read, and what one end learns of the other.

#include <unistd.h>

#include <atomic>
#include <ravel/http.hpp>
#include <ravel/net.hpp>
#include <string>

#include "program.hpp"

using programs::together;
using programs::use;

namespace {

struct ends {
  ravel::net::conn client, server;
};

ends connected_over(ravel::net::listener& l) {
  ends e;
  e.client = ravel::net::dial(l.addr().network(), l.addr().to_string());
  e.server = l.accept();
  return e;
}

ends connected() {
  ravel::net::listener l = ravel::net::listen("tcp", "127.0.0.1:0");
  return connected_over(l);
}

ravel::net::listener listen_at_path() { return ravel::net::listen("unix", "net." + std::to_string(getpid())); }

std::byte shared_buffer[8];
int value = 0;

// One who dials, writes and is gone before anybody accepts.
void read_from_one_who_is_gone(ravel::net::listener l) {
  std::atomic<bool> gone{false};
  together(
      [&] {
        {
          ravel::net::conn c = ravel::net::dial(l.addr().network(), l.addr().to_string());
          value = 1;
          c.write(ravel::io::as_bytes("x"));
        }
        gone.store(true, std::memory_order_relaxed);
      },
      [&] {
        programs::until([&] { return gone.load(std::memory_order_relaxed); });
        std::byte b[1];
        ravel::net::conn c = l.accept();
        c.read(b);
        use(value);
      });
}

}  // namespace

RAVEL_PROGRAM(norace_net_tcp_gone_before_accept) { read_from_one_who_is_gone(ravel::net::listen("tcp", "127.0.0.1:0")); }
RAVEL_PROGRAM(norace_net_unix_gone_before_accept) { read_from_one_who_is_gone(listen_at_path()); }

RAVEL_PROGRAM(norace_net_unix_write_before_read) {
  ravel::net::listener l = listen_at_path();
  ends e = connected_over(l);
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

RAVEL_PROGRAM(race_net_unix_another_connection) {
  ravel::net::listener l = listen_at_path();
  ends one = connected_over(l), other = connected_over(l);
  other.client.write(ravel::io::as_bytes("y"));
  std::atomic<bool> written{false};
  together(
      [&] {
        value = 1;  // races
        one.client.write(ravel::io::as_bytes("x"));
        written.store(true, std::memory_order_relaxed);
      },
      [&] {
        programs::until([&] { return written.load(std::memory_order_relaxed); });
        std::byte b[1];
        other.server.read(b);
        use(value);  // races
      });
}

// Who makes connections of his own learns nothing of others who do.
RAVEL_PROGRAM(race_net_connections_of_their_own) {
  ravel::net::listener one = ravel::net::listen("tcp", "127.0.0.1:0"), other = ravel::net::listen("tcp", "127.0.0.1:0");
  std::atomic<bool> gone{false};
  together(
      [&] {
        value = 1;  // races
        connected_over(one);
        gone.store(true, std::memory_order_relaxed);
      },
      [&] {
        programs::until([&] { return gone.load(std::memory_order_relaxed); });
        connected_over(other);
        use(value);  // races
      });
}

// Who dials learns that the other listens, and what came before that.
RAVEL_PROGRAM(norace_net_listen_before_dial) {
  ravel::net::listener l;
  std::atomic<int> port{0};
  together(
      [&] {
        value = 1;
        l = ravel::net::listen("tcp", "127.0.0.1:0");
        port.store(l.addr().port(), std::memory_order_relaxed);
      },
      [&] {
        programs::until([&] { return port.load(std::memory_order_relaxed) != 0; });
        ravel::net::dial("tcp", "127.0.0.1:" + std::to_string(port.load(std::memory_order_relaxed)));
        use(value);
      });
}

RAVEL_PROGRAM(norace_net_copy) {
  ends from = connected(), to = connected();
  together(
      [&] {
        value = 1;
        from.client.write(ravel::io::as_bytes("x"));
        from.client.close_write();
      },
      [&] {
        ravel::io::copy(to.client, from.server);
        to.client.close_write();
      },
      [&] {
        std::byte b[1];
        to.server.read(b);
        use(value);
      });
}

RAVEL_PROGRAM(race_net_copy) {
  ends from = connected(), to = connected();
  together(
      [&] {
        from.client.write(ravel::io::as_bytes("x"));
        value = 1;  // races
      },
      [&] { ravel::io::copy_n(to.client, from.server, 1); },
      [&] {
        std::byte b[1];
        to.server.read(b);
        use(value);  // races
      });
}

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
