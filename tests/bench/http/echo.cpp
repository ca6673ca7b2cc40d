// The echo servers of ./run: a loop of reads and writes, or with a second argument io::copy.
#include <ravel/net.hpp>
#include <ravel/ravel.hpp>

using namespace ravel;

int main(int argc, char** argv) {
  net::listener listener = net::listen("tcp", argv[1]);
  for (;;) {
    go([client = listener.accept(), copies = argc > 2]() mutable {
      std::error_code gone;
      if (copies) return (void)io::copy(client, client, gone);
      std::byte buffer[4096];
      for (std::size_t n; (n = client.read(buffer, gone)) != 0 && !gone;) client.write(std::span(buffer).first(n), gone);
    });
  }
}
