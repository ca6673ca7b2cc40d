#include <gtest/gtest.h>

#include "talk.hpp"

using namespace ravel;

namespace {

// A client whose connections are pipes to `s`; counts them.
struct client_of {
  std::shared_ptr<http::transport> through = std::make_shared<http::transport>();
  std::shared_ptr<std::atomic<int>> dialled = std::make_shared<std::atomic<int>>(0);
  http::client client{.transport = through};
  wait_group serving;

  explicit client_of(http::server& s) {
    through->dial = [&s, this](context::context, const std::string&) {
      ++*dialled;
      auto [ours, theirs] = net::pipe();
      serving.go([&s, c = std::move(theirs)]() mutable { s.serve_connection(std::move(c)); });
      return ours;
    };
  }
  ~client_of() {
    through->close_idle_connections();
    serving.wait();
  }
  // Each connection is answered by bytes, whatever is asked, and closed.
  explicit client_of(std::vector<std::string> answers) {
    through->dial = [n = dialled, answers](context::context, const std::string&) {
      auto [ours, theirs] = net::pipe();
      go([c = std::move(theirs), text = answers[static_cast<std::size_t>(n->fetch_add(1))]]() mutable {
        std::error_code error;
        std::string seen;
        std::byte b[1];
        while (!seen.ends_with("\r\n\r\n") && c.read(b, error) == 1) seen += static_cast<char>(b[0]);
        c.write(io::as_bytes(text), error);
        c.close(error);
      });
      return ours;
    };
  }
};

std::error_code error_of(const http::client& c, http::request r) {
  std::error_code error;
  http::response answer = c.do_request(std::move(r), error);
  if (!error && answer.body.source()) io::read_all(answer.body, error);
  return error;
}

void echo(http::response_writer& w, http::request& r) {
  const std::string text = io::read_all(r.body);
  w.header("X-Length", std::to_string(r.content_length()));
  w.header("X-Trailer", r.body.trailers().get("X-Sum"));
  w.write(r.method + " " + r.path + " " + text);
}

}  // namespace

TEST(http_client, uses_a_connection_again_when_the_body_was_read) {
  http::server s{.handler = echo};
  client_of c(s);
  for (int i = 0; i < 5; ++i) {
    http::response r = c.client.get("http://a/x%20y?q");
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.reason, "OK");
    EXPECT_EQ(r.url, "http://a/x%20y?q");
    EXPECT_EQ(io::read_all(r.body), "GET /x y ");
  }
  EXPECT_EQ(*c.dialled, 1);
  { http::response unread = c.client.get("http://a/"); }
  http::response r = c.client.get("http://a/");
  EXPECT_EQ(*c.dialled, 2);
  EXPECT_EQ(c.client.head("http://a/").status, 200);
  EXPECT_EQ(*c.dialled, 3) << "the one before is still read";
}

TEST(http_client, the_end_of_a_request_does_not_close_what_the_pool_has) {
  http::server s{.handler = echo};
  client_of c(s);
  c.client.timeout = std::chrono::hours(1);
  const std::string expected = "GET /x ";
  for (int i = 0; i < 20; ++i) {
    http::response r = c.client.get("http://a/x");
    ASSERT_EQ(r.content_length(), static_cast<std::int64_t>(expected.size()));
    std::string text(expected.size(), '\0');
    io::read_full(r.body, {reinterpret_cast<std::byte*>(text.data()), text.size()});  // gives the connection back, without a read of the end
    EXPECT_EQ(text, expected);
  }
  EXPECT_EQ(*c.dialled, 1);
}

TEST(http_client, sends_a_body_again_while_the_first_is_still_read) {
  http::server s{.handler = [](http::response_writer& w, http::request& r) {
    if (r.path == "/first") {
      std::byte one[1];
      r.body.read(one);
      return http::redirect(w, r, "/second", 307);
    }
    w.write(std::to_string(io::read_all(r.body).size()));
  }};
  client_of c(s);
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) {
    http::response r = c.client.post("http://a/first", "text/plain", http::body(large));
    ASSERT_EQ(io::read_all(r.body).size(), std::to_string(large.size()).size());
  }
}

TEST(http_client, a_body_that_cannot_be_read_ends_the_request) {
  struct broken final : io::reader {
    std::size_t read(io::bytes) override { throw std::system_error(EIO, std::system_category()); }
  } from;
  http::server s{.handler = [](http::response_writer& w, http::request& r) { w.write(std::to_string(io::read_all(r.body).size())); }};
  client_of c(s);
  std::error_code error;
  http::request r("POST", "http://a/x", http::body(from, 10));
  c.client.do_request(std::move(r), error);
  EXPECT_EQ(error, std::errc::io_error);
}

TEST(http_client, follows_to_the_very_path) {
  for (const auto& [location, path] : {std::pair{"/b//c", "/b//c"}, {"d/./e/../f", "/x/d/f"}, {"..", "/"}, {"/g/..", "/"}, {".", "/x/"}}) {
    http::server s{.handler = [location = std::string(location)](http::response_writer& w, http::request& r) {
      if (r.path != "/x/first") return void(w.write(r.path));
      w.header("Location", location);
      w.write_header(302);
    }};
    client_of c(s);
    http::response answer = c.client.get("http://a/x/first");
    const auto said = io::read_all(answer.body);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(said.data()), said.size()), path) << location;
  }
}

TEST(http_client, a_redirected_get_leaves_its_body_behind) {
  http::server s{.handler = [](http::response_writer& w, http::request& r) {
    if (r.path == "/first") return http::redirect(w, r, "/second", 302);
    w.write(r.method + " " + std::to_string(io::read_all(r.body).size()) + " " + std::string(r.headers.get("Content-Type")));
  }};
  client_of c(s);
  http::request r("GET", "http://a/first", http::body(std::string("body")));
  r.headers.set("Content-Type", "text/plain");
  http::response answer = c.client.do_request(std::move(r));
  const auto said = io::read_all(answer.body);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(said.data()), said.size()), "GET 0 ");
}

TEST(http_client, sends_bodies_counted_and_in_chunks) {
  http::server s{.handler = echo};
  client_of c(s);
  http::response r = c.client.post("http://a/", "text/plain", "hello");
  EXPECT_EQ(io::read_all(r.body), "POST / hello");
  EXPECT_EQ(r.headers.get("X-Length"), "5");
  const std::string large(200'000, 'x');
  io::string_reader reader(large);
  r = c.client.post("http://a/", "text/plain", http::body(reader));
  EXPECT_EQ(io::read_all(r.body), "POST / " + large);
  EXPECT_EQ(r.headers.get("X-Length"), "-1");
  http::request with_trailer("PUT", "http://a/", "hello");
  with_trailer.trailers.set("X-Sum", "7");
  r = c.client.do_request(with_trailer);
  EXPECT_EQ(io::read_all(r.body), "PUT / hello");
  EXPECT_EQ(r.headers.get("X-Trailer"), "7");
  http::request expecting("PUT", "http://a/", "hello");
  expecting.headers.set("Expect", "100-continue");
  r = c.client.do_request(expecting);
  EXPECT_EQ(io::read_all(r.body), "PUT / hello");
}

TEST(http_client, follows_redirects_by_gos_rules) {
  http::serve_mux mux;
  const auto to = [&](const char* from, const char* where, int status) {
    mux.handle(from, [=](http::response_writer& w, http::request& r) {
      io::read_all(r.body);
      http::redirect(w, r, where, status);
    });
  };
  to("/301", "/echo", 301);
  to("/303", "/echo", 303);
  to("/307", "/echo", 307);
  to("/loop", "/loop", 302);
  to("/away", "http://b/secret", 302);
  to("/below", "http://x.a/secret", 302);
  mux.handle("/echo", echo);
  mux.handle("/secret", [](http::response_writer& w, http::request& r) { w.write(r.headers.get("Authorization").empty() ? "none" : "told"); });
  http::server s{.handler = mux};
  client_of c(s);
  const auto text_of = [&](const char* method, const char* url) {
    http::request r(method, url, std::string_view(method) == "POST" ? "body" : "");
    r.headers.set("Authorization", "x");
    http::response answer = c.client.do_request(r);
    return io::read_all(answer.body);
  };
  EXPECT_EQ(text_of("POST", "http://a/301"), "GET /echo ");
  EXPECT_EQ(text_of("POST", "http://a/303"), "GET /echo ");
  EXPECT_EQ(text_of("POST", "http://a/307"), "POST /echo body");
  EXPECT_EQ(text_of("PUT", "http://a/307"), "PUT /echo ");
  EXPECT_EQ(text_of("GET", "http://a/away"), "none");
  EXPECT_EQ(text_of("GET", "http://a/below"), "told");
  EXPECT_EQ(error_of(c.client, {"GET", "http://a/loop"}), http::errc::too_many_redirects);
  http::client stops = c.client;
  stops.check_redirect = [](const http::request& next, int made) {
    return next.path == "/loop" && made == 3 ? std::make_error_code(std::errc::permission_denied) : std::error_code();
  };
  EXPECT_EQ(error_of(stops, {"GET", "http://a/loop"}), std::errc::permission_denied);
}

TEST(http_client, errors_have_names) {
  std::error_code error;
  http::get("nonsense", error);
  EXPECT_EQ(error, http::errc::bad_url);
  http::get("https://a/", error);
  EXPECT_EQ(error, http::errc::unsupported_scheme);
  EXPECT_EQ(error_of(client_of({""}).client, {"POST", "http://a/"}), http::errc::connection_closed);
  EXPECT_EQ(error_of(client_of({"HTTP/1.1 200 OK\r\nContent-"}).client, {"GET", "http://a/"}), io::errc::unexpected_end);
  EXPECT_EQ(error_of(client_of({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"}).client, {"GET", "http://a/"}), io::errc::unexpected_end);
  EXPECT_EQ(error_of(client_of({"SSH-2.0-OpenSSH\r\n\r\n"}).client, {"GET", "http://a/"}), http::errc::malformed);
  EXPECT_EQ(error_of(client_of({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"}).client, {"GET", "http://a/"}), http::errc::malformed);
  client_of large({"HTTP/1.1 200 OK\r\nX: " + std::string(5000, 'x') + "\r\n\r\n"});
  large.through->max_response_header_bytes = 1000;
  EXPECT_EQ(error_of(large.client, {"GET", "http://a/"}), http::errc::header_too_large);
}

TEST(http_client, a_request_that_would_be_two_is_not_sent) {
  http::server s{.handler = echo};
  client_of c(s);
  http::request r("GET", "http://a/");
  r.headers.set("X", "a\r\nY: b");
  EXPECT_EQ(error_of(c.client, r), http::errc::bad_request);
  r = http::request("GET / HTTP/1.1\r\nX:", "http://a/");
  EXPECT_EQ(error_of(c.client, r), http::errc::bad_request);
  EXPECT_THROW(http::request("GET", "http://a/ HTTP/1.1\r\nX: "), std::system_error);
}

TEST(http_client, informational_answers_come_before_the_real_one) {
  client_of c({"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
  http::response r = c.client.get("http://a/");
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(io::read_all(r.body), "ok");
}

TEST(http_client, a_body_without_a_length_ends_with_the_connection) {
  client_of c({"HTTP/1.0 200 OK\r\n\r\nall of it"});
  http::response r = c.client.get("http://a/");
  EXPECT_EQ(r.content_length(), -1);
  EXPECT_EQ(io::read_all(r.body), "all of it");
}

TEST(http_client, a_stale_connection_is_tried_once_more) {
  // The first connection answers once and is closed while idle, unseen until it is used.
  client_of c({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3"});
  http::response r = c.client.get("http://a/");
  EXPECT_EQ(io::read_all(r.body), "1");
  r = c.client.get("http://a/");
  EXPECT_EQ(io::read_all(r.body), "2");
  EXPECT_EQ(*c.dialled, 2);
}

TEST(http_client, ends_with_its_context) {
  auto inside = make_chan<unit>();
  http::server s{.handler = [=](http::response_writer& w, http::request& r) {
    const auto ctx = r.context();
    if (r.path == "/half") {
      w.write("half");
      w.flush();
    }
    inside << unit{};
    ctx.done().recv();
  }};
  client_of c(s);
  for (const char* url : {"http://a/none", "http://a/half"}) {
    auto [ctx, cancel] = context::with_cancel(context::background());
    go([=, cancel = cancel] {
      inside.recv();
      cancel();
    });
    EXPECT_EQ(error_of(c.client, http::request("GET", url).with_context(ctx)), context::errc::canceled) << url;
  }
  auto [ended, cancel] = context::with_cancel(context::background());
  cancel();
  EXPECT_EQ(error_of(c.client, http::request("GET", "http://a/").with_context(ended)), context::errc::canceled);
}

TEST(http_client, connections_per_host_are_bounded) {
  auto inside = make_chan<unit>(10), go_on = make_chan<unit>();
  http::server s{.handler = [=](http::response_writer& w, http::request&) {
    inside << unit{};
    go_on.recv();
    w.write("x");
  }};
  client_of c(s);
  c.through->max_connections_per_host = 2;
  wait_group all;
  for (int i = 0; i < 6; ++i) {
    all.go([&] {
      http::response r = c.client.get("http://a/");
      EXPECT_EQ(io::read_all(r.body), "x");
    });
  }
  for (int i = 0; i < 6; ++i) {
    inside.recv();
    EXPECT_LE(*c.dialled, 2);
    go_on << unit{};
  }
  all.wait();
  EXPECT_EQ(*c.dialled, 2);
}
