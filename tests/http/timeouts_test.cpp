// Every timeout to the nanosecond: under controlled schedules time is virtual, and the race detector looks on.
#include <ravel/gtest.hpp>

#include "talk.hpp"

using namespace ravel;
using namespace std::chrono_literals;
using test::body_of;
using test::talk;

namespace {

const explore::options some{.schedules = 12, .strategy = "random"};
const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

struct stopwatch {
  clock::time_point begin = clock::now();
  clock::duration operator()() const { return clock::now() - begin; }
};

// Sends a byte of `text` every `pause`, until nobody takes them any more.
void trickle(talk& t, std::string text, clock::duration pause) {
  go([c = t.conn(), text = std::move(text), pause]() mutable {
    for (char b : text) {
      std::error_code gone;
      c.write(io::as_bytes(std::string_view(&b, 1)), gone);
      if (gone) return;
      sleep_for(pause);
    }
  });
}

}  // namespace

RAVEL_TEST_WITH(http_timeouts, a_slow_header_is_cut_off, some) {
  int calls = 0;
  http::server s{.handler = [&](http::response_writer&, http::request&) { ++calls; }};
  const stopwatch t;
  talk slow(s), silent(s), good(s);
  trickle(slow, "GET / HTTP/1.1\r\nHost: a\r\nX: yyyyyyyyyyyyyyyyyyyyyyy", 1s);
  good.send(get);
  EXPECT_TRUE(good.receive_answer().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(t(), 0s);
  EXPECT_EQ(slow.receive_all(), "");
  EXPECT_EQ(t(), 10s);
  EXPECT_EQ(silent.receive_all(), "");
  EXPECT_EQ(t(), 10s);
  EXPECT_EQ(calls, 1);
  good.hang_up();
  for (talk* each : {&slow, &silent, &good}) each->await_end();
}

RAVEL_TEST_WITH(http_timeouts, an_idle_connection_is_closed, some) {
  http::server s;
  s.handler = [](http::response_writer& w, http::request&) { w.write("x"); };
  const stopwatch t;
  talk idle(s);
  for (int i = 0; i < 3; ++i) {
    sleep_for(i == 0 ? 9s : 119s);
    idle.send(get);
    EXPECT_EQ(body_of(idle.receive_answer()), "x");
  }
  EXPECT_EQ(idle.receive_all(), "");
  EXPECT_EQ(t(), 9s + 2 * 119s + 120s);
  idle.await_end();
}

RAVEL_TEST_WITH(http_timeouts, a_slow_body_fails_in_the_handler, some) {
  std::error_code error;
  const stopwatch t;
  clock::duration failed_after{};
  http::server s;
  s.handler = [&](http::response_writer& w, http::request& r) {
    io::read_all(r.body, error);
    failed_after = t();
    w.write("too slow");
  };
  talk slow(s);
  trickle(slow, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'), 150ms);
  EXPECT_EQ(body_of(slow.receive_answer()), "too slow");
  EXPECT_EQ(error, std::errc::timed_out);
  EXPECT_EQ(failed_after, 60s);
  EXPECT_EQ(slow.receive_all(), "");
  slow.await_end();
}

RAVEL_TEST_WITH(http_timeouts, a_slow_reader_fails_the_write, some) {
  std::error_code error;
  const stopwatch t;
  clock::duration failed_after{};
  http::server s;
  s.handler = [&](http::response_writer& w, http::request&) {
    w.write(io::as_bytes(std::string(10'000, 'x')), error);
    failed_after = t();
  };
  talk slow(s);
  slow.send(get);
  EXPECT_EQ(slow.receive_until("HTTP/1.1 200 OK"), "HTTP/1.1 200 OK");
  slow.await_end();
  EXPECT_EQ(error, std::errc::timed_out);
  EXPECT_EQ(failed_after, 60s);
}

RAVEL_TEST_WITH(http_timeouts, zero_means_what_it_means_in_go, some) {
  // read_header_timeout and idle_timeout are read_timeout then.
  http::server s{.handler = [](http::response_writer&, http::request&) {}, .read_timeout = 3s, .read_header_timeout = 0s, .write_timeout = 0s, .idle_timeout = 0s};
  {
    const stopwatch t;
    talk silent(s);
    EXPECT_EQ(silent.receive_all(), "");
    EXPECT_EQ(t(), 3s);
    silent.await_end();
  }
  {
    const stopwatch t;
    talk idle(s);
    idle.send(get);
    idle.receive_answer();
    EXPECT_EQ(idle.receive_all(), "");
    EXPECT_EQ(t(), 3s);
    idle.await_end();
  }
  http::server open{.handler = [](http::response_writer& w, http::request&) { w.write(std::string(10'000, 'x')); },
                    .read_timeout = 0s, .read_header_timeout = 0s, .write_timeout = 0s, .idle_timeout = 0s};
  talk slow(open);
  sleep_for(1h);
  slow.send(get);
  sleep_for(1h);
  EXPECT_NE(slow.receive_until("xxx").find("200 OK"), std::string::npos);
}

RAVEL_TEST_WITH(http_timeouts, the_time_to_read_says_nothing_about_the_answer, some) {
  http::server s{.handler =
                     [](http::response_writer& w, http::request& r) {
                       const auto ctx = r.context();
                       io::read_all(r.body);
                       sleep_for(1h);
                       w.write(ctx.err() ? "ended" : "alive");
                     },
                 .read_timeout = 3s, .write_timeout = 0s};
  talk t(s);
  for (const std::string& request : {get, std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")}) {
    t.send(request);
    EXPECT_EQ(body_of(t.receive_answer()), "alive");
  }
  t.hang_up();
  t.await_end();
}

RAVEL_TEST_WITH(http_timeouts, timeout_handler_answers_503, some) {
  auto late = make_chan<std::error_code>(1), why = make_chan<std::error_code>(1);
  http::server s;
  s.handler = http::timeout_handler(
      [=](http::response_writer& w, http::request& r) {
        w.header("X-Inner", "1");
        if (r.path == "/fast") return (void)w.write("in time");
        r.context().done().recv();
        why << r.context().err();
        sleep_for(1s);
        std::error_code error;
        w.write(io::as_bytes("late"), error);
        late << error;
      },
      5s, "too late");
  talk t(s);
  t.send("GET /fast HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(body_of(t.receive_answer()), "in time");
  const stopwatch watch;
  t.send(get);
  const std::string answer = t.receive_answer();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_EQ(answer.find("X-Inner"), answer.npos);
  EXPECT_EQ(body_of(answer), "too late");
  EXPECT_EQ(watch(), 5s);
  EXPECT_EQ(*why.recv(), context::errc::deadline_exceeded);
  EXPECT_EQ(*late.recv(), http::errc::handler_timeout);
  t.hang_up();
  t.await_end();
}

RAVEL_TEST_WITH(http_timeouts, a_handler_may_set_its_own_deadlines, some) {
  std::error_code error;
  const stopwatch t;
  http::server s;
  s.handler = [&](http::response_writer& w, http::request& r) {
    w.set_read_deadline(clock::now() + 2s);
    io::read_all(r.body, error);
    EXPECT_EQ(t(), 2s);
    w.set_write_deadline(clock::time_point::max());
    sleep_for(10min);
    w.write("x");
  };
  talk slow(s);
  slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(body_of(slow.receive_answer()), "x");
  EXPECT_EQ(error, std::errc::timed_out);
  slow.hang_up();
  slow.await_end();
}

RAVEL_TEST_WITH(http_timeouts, shutdown_gives_new_connections_five_seconds, some) {
  http::server s;
  s.handler = [](http::response_writer& w, http::request&) { w.write("x"); };
  const stopwatch t;
  talk fresh(s), served(s);
  yield();
  sleep_for(1s);
  s.shutdown();
  EXPECT_EQ(t(), 5s);
  EXPECT_EQ(fresh.receive_all(), "");
}

namespace {

// The client's end of a pipe to `s`, which is awaited.
struct piped_client {
  std::shared_ptr<http::transport> through = std::make_shared<http::transport>();
  http::client client{.transport = through};
  wait_group serving;

  explicit piped_client(http::server& s) {
    through->dial = [&s, this](context::context, const std::string&) {
      auto [ours, theirs] = net::pipe();
      serving.go([&s, c = std::move(theirs)]() mutable { s.serve_connection(std::move(c)); });
      return ours;
    };
  }
  ~piped_client() {
    through->close_idle_connections();
    serving.wait();
  }
};

}  // namespace

RAVEL_TEST_WITH(http_timeouts, the_clients_time_covers_the_body, some) {
  http::server s;
  s.handler = [](http::response_writer& w, http::request& r) {
    const auto ctx = r.context();
    if (r.path == "/body") {
      w.write("half");
      w.flush();
    }
    if (r.path != "/fast") ctx.done().recv();
  };
  piped_client c(s);
  c.client.timeout = 7s;
  for (const char* path : {"/header", "/body"}) {
    const stopwatch t;
    std::error_code error;
    http::response r = c.client.do_request({"GET", std::string("http://a") + path}, error);
    if (!error) io::read_all(r.body, error);
    EXPECT_EQ(error, context::errc::deadline_exceeded) << path;
    EXPECT_EQ(t(), 7s) << path;
  }
  EXPECT_EQ(c.client.get("http://a/fast").status, 200);
}

RAVEL_TEST_WITH(http_timeouts, the_clients_other_times, some) {
  http::server s;
  s.handler = [](http::response_writer& w, http::request& r) {
    if (r.path == "/slow") sleep_for(10s);
    if (r.path == "/continue") {
      sleep_for(5s);
      EXPECT_EQ(io::read_all(r.body), "hello");
    }
    w.write("x");
  };
  piped_client c(s);
  c.through->response_header_timeout = 8s;
  const stopwatch t;
  std::error_code error;
  c.client.do_request({"GET", "http://a/slow"}, error);
  EXPECT_EQ(error, std::errc::timed_out);
  EXPECT_EQ(t(), 8s);
  http::request r("PUT", "http://a/continue", "hello");
  r.headers.set("Expect", "100-continue");
  http::response answer = c.client.do_request(r);  // sends the body after a second, though nobody said so
  EXPECT_EQ(io::read_all(answer.body), "x");
  EXPECT_EQ(t(), 13s);
}

RAVEL_TEST_WITH(http_timeouts, the_time_for_the_header_begins_when_the_request_is_written, some) {
  http::server s;
  s.handler = [](http::response_writer& w, http::request& r) {
    std::byte b[1000];
    while (r.body.read(b) != 0) sleep_for(100ms);
    if (r.path == "/slow") sleep_for(10s);
    w.write("x");
  };
  piped_client c(s);
  c.through->response_header_timeout = 8s;
  const std::string much(100'000, 'x');
  const stopwatch t;
  EXPECT_EQ(c.client.do_request({"PUT", "http://a/", much}).status, 200);
  EXPECT_GT(t(), 8s);
  std::error_code error;
  c.client.do_request({"PUT", "http://a/slow", much}, error);
  EXPECT_EQ(error, std::errc::timed_out);
}

namespace {

struct endless final : io::reader {
  int reads = 0;
  std::size_t read(io::bytes to) override {
    ++reads;
    sleep_for(1ms);
    return to.size();
  }
};

}  // namespace

// The detector sees who reads it any longer.
RAVEL_TEST_WITH(http_client, a_reader_that_was_lent_is_its_owners_when_the_answer_has_ended, some) {
  http::server s{.handler = [](http::response_writer& w, http::request& r) {
    if (r.path == "/body") w.write("enough");
  }};
  piped_client c(s);
  for (const char* path : {"/body", "/none", "/dropped"}) {
    endless lent;
    std::error_code error;
    {
      http::response answer = c.client.do_request({"PUT", std::string("http://a") + path, http::body(lent)}, error);
      if (!error && std::string_view(path) != "/dropped") io::read_all(answer.body, error);
    }
    lent.reads = 0;
    sleep_for(1s);
    EXPECT_EQ(lent.reads, 0);
  }
}
