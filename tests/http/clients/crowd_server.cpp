// What ./crowd comes to: crowd_server HEADER READ WRITE IDLE, its timeouts in milliseconds. Prints its address, serves until its standard input
// ends. /memory tells the resident kilobytes, /cut_off how many bodies and answers failed for lack of time.
#include <ravel/http.hpp>
#include <ravel/ravel.hpp>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

using namespace ravel;

namespace {

std::string resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:" && status >> word) return word;
  }
  return "?";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::cerr << "crowd_server HEADER READ WRITE IDLE\n", 2;
  const auto time = [argv](int i) { return std::chrono::milliseconds(std::atoi(argv[i])); };
  std::atomic<int> bodies{0}, answers{0};
  http::serve_mux mux;
  mux.handle("/", [](http::response_writer& w, http::request&) { w.write("hello\n"); });
  mux.handle("/memory", [](http::response_writer& w, http::request&) { w.write(resident_kilobytes() + "\n"); });
  mux.handle("/cut_off", [&](http::response_writer& w, http::request&) { w.write(std::to_string(bodies) + " " + std::to_string(answers) + "\n"); });
  mux.handle("POST /body", [&](http::response_writer& w, http::request& r) {
    std::error_code error;
    io::read_all(r.body, error);
    if (error == std::errc::timed_out) ++bodies;
    w.write("read\n");
  });
  mux.handle("/large", [&](http::response_writer& w, http::request&) {
    static const std::string piece(64 << 10, 'x');
    std::error_code error;
    while (!error) w.write(io::as_bytes(piece), error);
    if (error == std::errc::timed_out) ++answers;
  });

  net::listener listener = net::listen("tcp", "127.0.0.1:0");
  std::cout << listener.addr().to_string() << std::endl;
  http::server server{.handler = mux, .read_timeout = time(2), .read_header_timeout = time(1), .write_timeout = time(3), .idle_timeout = time(4)};
  wait_group serving;
  serving.go([&] { server.serve(listener); });
  std::byte b[1];
  while (io::std_in().read(b) != 0) {}
  server.close();
  serving.wait();
}
