// What the scripts beside this talk to. Prints its address, serves until its standard input ends, and then shuts down.
#include <ravel/http.hpp>
#include <ravel/ravel.hpp>

#include <iostream>

using namespace ravel;

int main() {
  http::serve_mux mux;
  for (const char* path : {"/{$}", "/a", "/b"}) mux.handle(path, [](http::response_writer& w, http::request& r) { w.write("hello from " + r.path + "\n"); });
  mux.handle("/echo", [](http::response_writer& w, http::request& r) {
    w.header("X-Method", r.method);
    io::copy(w, r.body);
  });
  mux.handle("GET /items/{id}", [](http::response_writer& w, http::request& r) { w.write("item " + std::string(r.path_value("id")) + " " + r.query.get("q") + "\n"); });
  mux.handle("/trailer", [](http::response_writer& w, http::request&) {
    w.header("Trailer", "X-Sum");
    w.write(std::string(10'000, 'x'));
    w.header("X-Sum", "7");
  });
  mux.handle("/redirect", [](http::response_writer& w, http::request& r) { http::redirect(w, r, "/echo", 307); });
  mux.handle("/panic", [](http::response_writer&, http::request&) { throw http::abort_handler(); });
  mux.handle("/late", http::timeout_handler([](http::response_writer&, http::request& r) { r.context().done().recv(); }, std::chrono::milliseconds(1), "late\n"));

  net::listener listener = net::listen("tcp", "127.0.0.1:0");
  std::cout << listener.addr().to_string() << std::endl;
  http::server server{.handler = mux};
  wait_group serving;
  serving.go([&] { server.serve(listener); });
  std::byte b[1];
  while (io::std_in().read(b) != 0) {}
  server.shutdown();
  serving.wait();
}
