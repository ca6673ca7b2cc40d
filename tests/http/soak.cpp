// A server and its clients in one process, over the loopback: soak SECONDS. Requests of every kind, also ones that are given up, time out or come
// from who goes away. A line every ten seconds: requests made, goroutines, resident kilobytes. Compiled with -race by ./soak.
#include <ravel/http.hpp>
#include <ravel/ravel.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

using namespace ravel;
using namespace std::chrono_literals;

namespace {

std::string resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:" && status >> word) return word;
  }
  return "?";
}

http::serve_mux pages() {
  http::serve_mux mux;
  mux.handle("/{$}", [](http::response_writer& w, http::request&) { w.write("hello\n"); });
  mux.handle("/items/{id}", [](http::response_writer& w, http::request& r) { w.write(r.path_value("id")); });
  mux.handle("/echo", [](http::response_writer& w, http::request& r) { io::copy(w, r.body); });
  mux.handle("/redirect", [](http::response_writer& w, http::request& r) { http::redirect(w, r, "/echo", 307); });
  mux.handle("/hang", [](http::response_writer&, http::request& r) { r.context().done().recv(); });
  mux.handle("/panic", [](http::response_writer&, http::request&) { throw http::abort_handler(); });
  mux.handle("/late", http::timeout_handler([](http::response_writer&, http::request& r) { r.context().done().recv(); }, 2ms, "late"));
  return mux;
}

void expect(bool good, const char* what) {
  if (good) return;
  std::printf("soak: %s\n", what);
  std::fflush(stdout);
  std::_Exit(1);
}

std::string body(http::response r) { return io::read_all(r.body); }

void one_round(const http::client& c, const std::string& url, int i) {
  const std::string text(static_cast<std::size_t>(i % 64) * 300, 'x');
  expect(body(c.get(url + "/")) == "hello\n", "GET");
  expect(body(c.get(url + "/items/" + std::to_string(i))) == std::to_string(i), "a wildcard");
  expect(body(c.post(url + "/echo", "text/plain", text)) == text, "a body");
  io::string_reader reader(text);
  expect(body(c.do_request(http::request("PUT", url + "/echo", http::body(reader)))) == text, "chunks");
  if (i % 4 == 0) expect(body(c.post(url + "/redirect", "text/plain", text)) == text, "a redirect");
  if (i % 8 == 1) expect(c.get(url + "/late").status == 503, "a handler's timeout");
  std::error_code error;
  if (i % 8 == 2) {
    c.do_request(http::request("POST", url + "/panic", "x"), error);
    expect(static_cast<bool>(error), "an answer to a panic");
  }
  if (i % 8 == 3) {
    auto [ctx, cancel] = context::with_timeout(context::background(), 3ms);
    c.do_request(http::request("GET", url + "/hang").with_context(ctx), error);
    expect(static_cast<bool>(error), "an answer that never came");
    cancel();
  }
  if (i % 8 == 4) {  // gone before it has asked for anything, and before it has read the answer
    net::conn gone = net::dial("tcp", url.substr(7), error);
    if (!error) gone.write(io::as_bytes(i % 16 == 4 ? "GET / HT" : "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), error);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto end = clock::now() + std::chrono::seconds(argc > 1 ? std::atoi(argv[1]) : 10);
  net::listener listener = net::listen("tcp", "127.0.0.1:0");
  const std::string url = "http://" + listener.addr().to_string();
  http::server server{.handler = pages()};
  wait_group serving, clients;
  serving.go([&] { server.serve(listener); });
  std::atomic<long> rounds{0};
  for (int k = 0; k < 16; ++k) {
    clients.go([&, k] {
      const http::client c;
      for (int i = k; clock::now() < end; ++i, ++rounds) one_round(c, url, i);
    });
  }
  clients.go([&] {
    for (auto next = clock::now() + 10s; next < end; next += 10s) {
      sleep_until(next);
      std::printf("%ld rounds, %d goroutines, %s kB\n", rounds.load(), num_goroutine(), resident_kilobytes().c_str());
      std::fflush(stdout);
    }
  });
  clients.wait();
  http::default_transport().close_idle_connections();
  server.shutdown();
  serving.wait();
  std::printf("%ld rounds\n", rounds.load());
}
