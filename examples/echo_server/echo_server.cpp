// Gives back what each client sends, as it comes, and ends a connection when the client ends its sending.

#include <ravel/net.hpp>
#include <ravel/ravel.hpp>

#include <iostream>

int main(int argc, char** argv) {
  ravel::net::listener listener = ravel::net::listen("tcp", argc > 1 ? argv[1] : "localhost:8000");
  std::cout << listener.addr().to_string() << std::endl;
  ravel::go([listener]() mutable {
    std::error_code closed;
    for (;;) {
      ravel::net::conn client = listener.accept(closed);
      if (closed) return;
      ravel::go([client]() mutable {
        std::error_code gone;
        ravel::io::copy(client, client, gone);
        client.close(gone);
      });
    }
  });
  ravel::blocking([] { std::cin.get(); });  // until Enter, or the end of the input
}
