// Ravel's client against Go's server at $ADDRESS.
#include <ravel/http.hpp>
#include <ravel/ravel.hpp>

#include <cstdlib>
#include <iostream>

using namespace ravel;

namespace {

bool failed = false;

template <class A, class B>
void expect(const char* what, const A& got, const B& wanted) {
  if (got == wanted) return;
  std::cout << what << ": expected " << wanted << ", got " << got << '\n';
  failed = true;
}

}  // namespace

int main() {
  const std::string url = "http://" + std::string(std::getenv("ADDRESS"));
  for (int i = 0; i < 10; ++i) expect("GET", io::read_all(http::get(url + "/a%20b").body), "hello from /a b\n");
  const std::string large(2'000'000, 'x');
  http::response r = http::post(url + "/echo", "text/plain", large);
  expect("counted", io::read_all(r.body) == large, true);
  expect("length", r.headers.get("X-Length"), "2000000");
  io::string_reader reader(large);
  http::request chunked("PUT", url + "/echo", http::body(reader));
  chunked.trailers.set("X-Sum", "7");
  r = http::client().do_request(chunked);
  expect("chunked", io::read_all(r.body) == large, true);
  expect("length", r.headers.get("X-Length"), "-1");
  expect("sent trailer", r.headers.get("X-Trailer"), "7");
  http::request expecting("PUT", url + "/echo", "hello");
  expecting.headers.set("Expect", "100-continue");
  expect("continue", io::read_all(http::client().do_request(expecting).body), "hello");
  expect("redirect", io::read_all(http::post(url + "/redirect", "text/plain", "again").body), "again");
  r = http::get(url + "/trailer");
  expect("body", io::read_all(r.body).size(), 10'000u);
  expect("received trailer", r.body.trailers().get("X-Sum"), "7");
  r = http::head(url + "/");
  expect("HEAD", r.headers.get("Content-Length"), "13");
  std::error_code error;
  http::client{.timeout = std::chrono::milliseconds(20)}.do_request({"GET", url + "/hang"}, error);
  expect("timeout", error.message(), make_error_code(context::errc::deadline_exceeded).message());
  return failed ? 1 : 0;
}
