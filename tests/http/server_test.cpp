#include <gtest/gtest.h>

#include "malformed_requests.hpp"
#include "talk.hpp"

using namespace ravel;
using test::answer_to;
using test::body_of;
using test::talk;

namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

http::server serving(http::handler h) { return {.handler = std::move(h)}; }

void echo(http::response_writer& w, http::request& r) {
  const std::string text = io::read_all(r.body);
  w.write(r.method + " " + r.path + " " + text);
}

}  // namespace

TEST(http_server, answers_and_keeps_the_connection) {
  http::server s = serving(echo);
  talk t(s);
  for (int i = 0; i < 3; ++i) {
    t.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy");
    const std::string answer = t.receive_answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("Content-Length: 10\r\n"), answer.npos);
    EXPECT_NE(answer.find("Content-Type: text/plain; charset=utf-8\r\n"), answer.npos);
    EXPECT_NE(answer.find("Date: "), answer.npos);
    EXPECT_EQ(body_of(answer), "POST /a xy");
  }
  t.hang_up();
  t.await_end();
}

TEST(http_server, redirects_name_no_other_host_by_chance) {
  for (const auto& [to, location] : {std::pair{"//evil/?x=http://a", "/evil/?x=http://a"}, {"login?next=http://a", "/a%20b/login?next=http://a"},
                                     {"http://other/x", "http://other/x"}, {"/plain", "/plain"}}) {
    http::server s = serving([to = std::string(to)](http::response_writer& w, http::request& r) { http::redirect(w, r, to, 302); });
    const std::string answer = answer_to(s, "GET /a%20b/c HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(answer.find(std::string("Location: ") + location + "\r\n"), answer.npos) << answer;
  }
}

TEST(http_server, gives_up_a_rest_that_is_all_chunk_extensions) {
  http::server s = serving([](http::response_writer& w, http::request&) { w.write("ok"); });
  talk t(s);
  std::string request = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) request += "1;" + std::string(8000, 'e') + "\r\nx\r\n";  // 800 KB for 100 bytes of a body
  t.send(request + "0\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answers = t.receive_all();
  EXPECT_EQ(answers.find("HTTP/1.1 200", 1), answers.npos) << "the connection was kept";
  t.await_end();
}

TEST(http_server, answers_pipelined_requests_in_order) {
  http::server s = serving(echo);
  const std::string answer = answer_to(s, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
                                          "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::size_t first = answer.find("GET /1 "), second = answer.find("POST /2 x"), third = answer.find("GET /3 ");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, answer.npos);
  EXPECT_EQ(answer.find("/4"), answer.npos);
  EXPECT_NE(answer.find("Connection: close\r\n"), answer.npos);
}

TEST(http_server, refuses_malformed_requests_and_closes) {
  int calls = 0;
  http::server s = serving([&](http::response_writer&, http::request&) { ++calls; });
  for (const auto& m : test::malformed_requests()) {
    const std::string answer = answer_to(s, m.text);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(m.status) + " ")) << m.name << ":\n" << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), answer.npos) << m.name;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), answer.npos) << m.name << ": more than one answer";
  }
  EXPECT_EQ(calls, 0);
}

TEST(http_server, nothing_that_follows_malformed_chunks_is_a_request) {
  for (const auto& m : test::malformed_chunks()) {
    int calls = 0;
    bool whole = false;
    http::server s = serving([&](http::response_writer&, http::request& r) {
      ++calls;
      std::error_code error;
      io::read_all(r.body, error);
      whole = !error;
    });
    answer_to(s, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + m.text + get);
    EXPECT_EQ(calls, 1) << m.name;
    EXPECT_FALSE(whole) << m.name;
  }
}

TEST(http_server, a_header_beyond_the_limit_is_431) {
  http::server s{.handler = echo, .max_header_bytes = 2000};
  EXPECT_TRUE(answer_to(s, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1800, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(answer_to(s, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(2000, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(answer_to(s, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'x')).starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(answer_to(s, "GET /" + std::string(100'000, 'x')).starts_with("HTTP/1.1 431 "));
}

TEST(http_server, large_answers_are_sent_in_chunks_with_trailers) {
  http::server s = serving([](http::response_writer& w, http::request&) {
    w.header("Trailer", "X-Sum");
    for (int i = 0; i < 3; ++i) w.write(std::string(5000, 'x'));
    w.header("X-Sum", "15000");
    w.header("X-Late", "not sent");
  });
  http::transport through;
  through.dial = [&](context::context, const std::string&) {
    auto [ours, theirs] = net::pipe();
    go([&s, c = std::move(theirs)]() mutable { s.serve_connection(std::move(c)); });
    return ours;
  };
  http::request r("GET", "http://a/");
  http::response answer = through.round_trip(r);
  EXPECT_EQ(answer.headers.get("Transfer-Encoding"), "chunked");
  EXPECT_EQ(answer.content_length(), -1);
  EXPECT_EQ(io::read_all(answer.body), std::string(15000, 'x'));
  EXPECT_EQ(answer.body.trailers().get("X-Sum"), "15000");
  EXPECT_EQ(answer.body.trailers().size(), 1u);
}

TEST(http_server, http_1_0_gets_no_chunks_and_a_close) {
  http::server s = serving([](http::response_writer& w, http::request&) {
    w.write("a");
    w.flush();
    w.write("b");
  });
  const std::string answer = answer_to(s, "GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(answer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\nab");
  http::server short_one = serving(echo);
  const std::string kept = answer_to(short_one, "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n");
  EXPECT_NE(kept.find("Connection: keep-alive\r\n\r\nGET /1 "), kept.npos) << kept;
  EXPECT_NE(kept.find("Connection: close\r\n\r\nGET /2 "), kept.npos) << kept;
}

TEST(http_server, head_gets_the_header_alone) {
  http::server s = serving([](http::response_writer& w, http::request&) { w.write("hello"); });
  EXPECT_EQ(answer_to(s, "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n");
}

TEST(http_server, statuses_without_a_body_have_none) {
  std::error_code of_write;
  http::server s = serving([&](http::response_writer& w, http::request& r) {
    w.write_header(r.path == "/204" ? 204 : 304);
    w.write(io::as_bytes("x"), of_write);
  });
  EXPECT_EQ(answer_to(s, "GET /204 HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(of_write, http::errc::body_not_allowed);
  EXPECT_EQ(answer_to(s, "GET /304 HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST(http_server, the_declared_length_is_kept) {
  std::error_code too_much;
  http::server s = serving([&](http::response_writer& w, http::request& r) {
    w.header("Content-Length", "5");
    w.write("abc");
    if (r.path == "/more") w.write(io::as_bytes("def"), too_much);
  });
  EXPECT_TRUE(answer_to(s, "GET /less HTTP/1.1\r\nHost: a\r\n\r\n" + get).ends_with("\r\n\r\nabc"));  // closed: the second request has no answer
  EXPECT_TRUE(answer_to(s, "GET /more HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("\r\n\r\nabc"));
  EXPECT_EQ(too_much, http::errc::content_length);
}

TEST(http_server, values_with_line_ends_stay_one_field) {
  http::server s = serving([](http::response_writer& w, http::request&) {
    w.header("X", "a\r\nSet-Cookie: b");
    w.header("Bad\r\nName", "c");
    w.header("Transfer-Encoding", "chunked");
  });
  const std::string answer = answer_to(s, get);
  EXPECT_NE(answer.find("X: a  Set-Cookie: b\r\n"), answer.npos) << answer;
  EXPECT_EQ(answer.find("Name"), answer.npos);
  EXPECT_EQ(answer.find("Transfer-Encoding"), answer.npos);
}

TEST(http_server, continue_is_sent_when_the_body_is_read) {
  http::server s = serving(echo);
  talk t(s);
  t.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(t.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  t.send("hello");
  EXPECT_EQ(body_of(t.receive_answer()), "POST / hello");

  http::server refuses = serving([](http::response_writer& w, http::request&) { http::error(w, "no", 403); });
  const std::string answer = answer_to(refuses, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n" + get);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ")) << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), answer.npos) << "nobody can tell whether a body follows";
  EXPECT_EQ(answer.find("HTTP/1.1", 1), answer.npos);
}

TEST(http_server, a_body_that_was_not_read_is_no_request) {
  std::string paths;
  http::server s = serving([&](http::response_writer&, http::request& r) { paths += r.path; });
  const std::string inner = "GET /inner HTTP/1.1\r\nHost: a\r\n\r\n";
  answer_to(s, "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(inner.size()) + "\r\n\r\n" + inner + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(paths, "/1/2");
  paths.clear();
  const std::string large(300'000, 'x');
  const std::string answer = answer_to(s, "POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + large + "GET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(paths, "/3");
  EXPECT_NE(answer.find("Connection: close"), answer.npos);
}

TEST(http_server, a_body_is_closed_when_the_handler_has_returned) {
  http::body kept;
  http::server s = serving([&](http::response_writer&, http::request& r) { kept = r.body; });
  answer_to(s, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  std::error_code error;
  EXPECT_EQ(io::read_all(kept, error), "");
  EXPECT_EQ(error, http::errc::body_closed);
}

TEST(http_server, a_panic_closes_its_connection_only) {
  std::vector<std::string> log;
  http::server s{.handler =
                     [](http::response_writer& w, http::request& r) {
                       if (r.path == "/panic") throw std::runtime_error("oh");
                       if (r.path == "/abort") throw http::abort_handler();
                       if (r.path == "/exit") goexit();
                       w.write("fine");
                     },
                 .error_log = [&](std::string_view line) { log.emplace_back(line); }};
  EXPECT_EQ(answer_to(s, "GET /panic HTTP/1.1\r\nHost: a\r\n\r\n" + get), "");
  EXPECT_EQ(answer_to(s, "GET /abort HTTP/1.1\r\nHost: a\r\n\r\n" + get), "");
  EXPECT_EQ(answer_to(s, "GET /exit HTTP/1.1\r\nHost: a\r\n\r\n" + get), "");
  EXPECT_EQ(body_of(answer_to(s, get)), "fine");
  ASSERT_EQ(log.size(), 1u);
  EXPECT_TRUE(log[0].starts_with("http: panic serving ") && log[0].ends_with(": oh")) << log[0];
}

TEST(http_server, the_context_ends_when_the_client_goes_away) {
  auto ended = make_chan<std::error_code>(1), started = make_chan<std::error_code>(1);
  http::server s = serving([=](http::response_writer&, http::request& r) {
    const auto ctx = r.context();
    io::read_all(r.body);
    started << std::error_code();
    ctx.done().recv();
    ended << ctx.err();
  });
  for (const char* request : {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"}) {
    talk t(s);
    t.send(request);
    started.recv();
    t.hang_up();
    EXPECT_EQ(*ended.recv(), context::errc::canceled);
    t.await_end();
  }
}

TEST(http_server, the_context_ends_with_the_handler_and_the_next_request_is_whole) {
  context::context kept;
  http::server s = serving([&](http::response_writer& w, http::request& r) {
    kept = r.context();
    w.write(kept.err() ? "ended" : "alive");
  });
  talk t(s);
  for (int i = 0; i < 20; ++i) {
    t.send(get);
    EXPECT_EQ(body_of(t.receive_answer()), "alive");
    kept.done().recv();
    EXPECT_EQ(kept.err(), context::errc::canceled);
  }
  t.send(get + get);  // the watch of the first may read of the second
  EXPECT_EQ(body_of(t.receive_answer()), "alive");
  EXPECT_EQ(body_of(t.receive_answer()), "alive");
}

TEST(http_server, shutdown_waits_for_answers_and_ends_what_is_idle) {
  auto inside = make_chan<unit>(), go_on = make_chan<unit>();
  http::server s = serving([=](http::response_writer& w, http::request& r) {
    if (r.path == "/wait") {
      inside << unit{};
      go_on.recv();
    }
    w.write("done");
  });
  talk idle(s), busy(s);
  idle.send(get);
  EXPECT_EQ(body_of(idle.receive_answer()), "done");
  busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  inside.recv();
  auto over = make_chan<std::error_code>(1);
  go([&] {
    std::error_code error;
    s.shutdown({}, error);
    over << error;
  });
  idle.await_end();
  EXPECT_EQ(over.len(), 0u);
  auto [ctx, cancel] = context::with_cancel(context::background());
  cancel();
  std::error_code error;
  s.shutdown(ctx, error);
  EXPECT_EQ(error, context::errc::canceled);
  go_on << unit{};
  const std::string answer = busy.receive_answer();
  EXPECT_EQ(body_of(answer), "done");
  EXPECT_NE(answer.find("Connection: close\r\n"), answer.npos);
  busy.hang_up();
  EXPECT_EQ(*over.recv(), std::error_code());
  talk late(s);
  EXPECT_EQ(late.receive_all(), "");
}

TEST(http_server, close_ends_all_connections) {
  auto inside = make_chan<unit>();
  auto ended = make_chan<std::error_code>(1);
  http::server s = serving([=](http::response_writer&, http::request& r) {
    const auto ctx = r.context();
    inside << unit{};
    ctx.done().recv();
    ended << ctx.err();
  });
  talk fresh(s), busy(s);
  busy.send(get);
  inside.recv();
  s.close();
  EXPECT_EQ(*ended.recv(), context::errc::canceled);
  busy.await_end();
  fresh.await_end();
}

TEST(http_server, options_for_the_server_itself) {
  http::server s = serving(echo);
  EXPECT_EQ(answer_to(s, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST(http_server, a_request_as_the_handler_sees_it) {
  http::server s = serving([](http::response_writer& w, http::request& r) {
    EXPECT_EQ(r.host, "b:8080");  // the URL's host counts, not the field's
    EXPECT_EQ(r.path, "/x y/z");
    EXPECT_EQ(r.query, "q=1+2&r=%41&q=3&bad;x=1");
    EXPECT_EQ(r.query.get("q"), "1 2");
    EXPECT_EQ(r.query.get("r"), "A");
    EXPECT_EQ(r.query.values("q").size(), 2u);
    EXPECT_FALSE(r.query.has("bad"));
    EXPECT_EQ(r.headers.get("x-a"), "1");
    EXPECT_EQ(r.headers["X-A"], "1");
    EXPECT_FALSE(r.headers.has("Host"));
    EXPECT_EQ(r.content_length(), 0);
    EXPECT_FALSE(r.remote_addr.empty());
    w.write("ok");
  });
  EXPECT_EQ(body_of(answer_to(s, "GET http://b:8080/x%20y/z?q=1+2&r=%41&q=3&bad;x=1 HTTP/1.1\r\nHost: a\r\nx-A: 1\r\n\r\n")), "ok");
}

TEST(http_server, handlers_around_handlers) {
  http::server limited = serving(http::max_bytes_handler(echo, 5));
  EXPECT_EQ(body_of(answer_to(limited, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")), "POST / hello");
  EXPECT_TRUE(answer_to(limited, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhello!").starts_with("HTTP/1.1 413 "));
  http::server stripped = serving(http::strip_prefix("/api", echo));
  EXPECT_EQ(body_of(answer_to(stripped, "GET /api/a HTTP/1.1\r\nHost: a\r\n\r\n")), "GET /a ");
  EXPECT_TRUE(answer_to(stripped, "GET /b HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 404 "));
}
