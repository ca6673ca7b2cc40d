// An HTTP server: patterns with wildcards, a handler with a time limit, and an end that waits for answers under way.

#include <ravel/http.hpp>
#include <ravel/ravel.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;
namespace http = ravel::http;

int main(int argc, char** argv) {
  http::serve_mux mux;
  mux.handle("GET /{$}", [](http::response_writer& w, http::request&) {
    w.header("Content-Type", "text/html; charset=utf-8");
    w.write("<p>Hello, <a href=\"/hello/you\">you</a> and <a href=\"/hello/me\">me</a>; <a href=\"/nothing\">nothing</a> is here.</p>\n");
  });
  mux.handle("GET /hello/{name}", [](http::response_writer& w, http::request& r) { w.write("Hello, " + std::string(r.path_value("name")) + "!\n"); });
  mux.handle("POST /upper", [](http::response_writer& w, http::request& r) {
    std::string text = ravel::io::read_all(r.body);
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    w.write(text);
  });
  mux.handle("/slow", http::timeout_handler(
                          [](http::response_writer& w, http::request& r) {
                            // Whatever takes long looks at the request's context: it ends when the time is over or the client has gone.
                            ravel::select(ravel::on_recv(r.context().done()), ravel::on_recv(ravel::after(1h)));
                            w.write("done\n");
                          },
                          50ms, "too slow\n"));

  ravel::net::listener listener = ravel::net::listen("tcp", argc > 1 ? argv[1] : "localhost:8080");
  std::cout << "http://" << listener.addr().to_string() << std::endl;

  http::server server{.handler = mux, .read_timeout = 30s};
  ravel::wait_group serving;
  serving.go([&] { server.serve(listener); });
  ravel::blocking([] { std::cin.get(); });  // until Enter, or the end of the input
  auto [patience, cancel] = ravel::context::with_timeout(ravel::context::background(), 10s);
  server.shutdown(patience);
  cancel();
  serving.wait();
}
