// A TCP clock: each client gets the time, a line a second, until it goes away.

#include <ravel/net.hpp>
#include <ravel/ravel.hpp>

#include <chrono>
#include <ctime>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

namespace {

std::string time_of_day() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm local;
  char text[16];
  localtime_r(&now, &local);
  return std::string(text, std::strftime(text, sizeof text, "%H:%M:%S\n", &local));
}

void serve(ravel::net::conn client) {
  std::error_code gone;
  for (;; ravel::sleep_for(1s)) {
    ravel::io::write_string(client, time_of_day(), gone);
    if (gone) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  ravel::net::listener listener = ravel::net::listen("tcp", argc > 1 ? argv[1] : "localhost:8000");
  std::cout << listener.addr().to_string() << std::endl;
  ravel::go([listener]() mutable {
    std::error_code closed;
    for (;;) {
      ravel::net::conn client = listener.accept(closed);
      if (closed) return;
      ravel::go(serve, client);
    }
  });
  ravel::blocking([] { std::cin.get(); });  // until Enter, or the end of the input
}
