// Chat: each line of a client goes to all others. One goroutine, the broadcaster, owns the set of clients; nobody else touches it, so it
// needs no lock. What it sends are channels' elements; a client that reads too slowly misses lines instead of holding up the rest.

#include <ravel/net.hpp>
#include <ravel/ravel.hpp>

#include <iostream>
#include <set>
#include <string>

namespace {

using client = ravel::chan<std::string>;  // lines for one client
struct by_id {
  std::uint64_t id;
  client lines;
  bool operator<(const by_id& other) const { return id < other.id; }
};

const auto entering = ravel::make_chan<by_id>();
const auto leaving = ravel::make_chan<by_id>();
const auto messages = ravel::make_chan<std::string>();

void broadcast() {
  std::set<by_id> clients;
  for (;;) {
    ravel::select(ravel::on_recv(messages,
                                 [&](std::optional<std::string> line) {
                                   for (by_id c : clients) c.lines.try_send(*line);
                                 }),
                  ravel::on_recv(entering, [&](std::optional<by_id> c) { clients.insert(*c); }),
                  ravel::on_recv(leaving, [&](std::optional<by_id> c) {
                    clients.erase(*c);
                    c->lines.close();
                  }));
  }
}

void serve(ravel::net::conn connection, std::uint64_t id) {
  by_id me{id, ravel::make_chan<std::string>(64)};
  ravel::go([connection, lines = me.lines]() mutable {
    std::error_code gone;
    for (std::string line : lines) ravel::io::write_string(connection, line + "\n", gone);
    connection.close(gone);
  });
  const std::string name = "client " + std::to_string(id);
  me.lines << "You are " + name;
  messages << name + " has arrived";
  entering << me;

  ravel::io::buffered_reader input(connection);
  std::string line;
  try {
    while (input.read_line(line)) messages << name + ": " + line;
  } catch (const std::system_error&) {
    // It went away in the middle of a line.
  }
  leaving << me;
  messages << name + " has left";
}

}  // namespace

int main(int argc, char** argv) {
  ravel::net::listener listener = ravel::net::listen("tcp", argc > 1 ? argv[1] : "localhost:8000");
  std::cout << listener.addr().to_string() << std::endl;
  ravel::go(broadcast);
  ravel::go([listener]() mutable {
    std::error_code closed;
    for (std::uint64_t id = 1;; ++id) {
      ravel::net::conn connection = listener.accept(closed);
      if (closed) return;
      ravel::go(serve, connection, id);
    }
  });
  ravel::blocking([] { std::cin.get(); });  // until Enter, or the end of the input
}
