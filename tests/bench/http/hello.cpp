// The server of ./run, with all timeouts on, as they are unless set.
#include <ravel/http.hpp>

int main(int, char** argv) {
  ravel::http::server server{.addr = argv[1], .handler = [](ravel::http::response_writer& w, ravel::http::request&) { w.write("Hello, World!"); }};
  server.listen_and_serve();
}
