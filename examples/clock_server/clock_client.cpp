// Copies what a server sends to the standard output, until the server closes: netcat in one line.

#include <ravel/net.hpp>
#include <ravel/ravel.hpp>

int main(int argc, char** argv) {
  ravel::net::conn server = ravel::net::dial("tcp", argc > 1 ? argv[1] : "localhost:8000");
  ravel::io::copy(ravel::io::std_out(), server);
}
