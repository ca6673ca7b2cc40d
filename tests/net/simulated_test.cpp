// The network that controlled schedules simulate: orders, faults and time are the strategy's, and a line replays them.
#include <ravel/gtest.hpp>
#include <ravel/http.hpp>
#include <ravel/ravel.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

using namespace ravel;
using namespace std::chrono_literals;

namespace {

const explore::options some{.schedules = 30, .strategy = "random"};

struct stopwatch {
  clock::time_point begin = clock::now();
  clock::duration operator()() const { return clock::now() - begin; }
};

struct connected {
  net::conn client, server;
};

connected connect(const std::string& network = "tcp", const std::string& at = "127.0.0.1:0") {
  net::listener l = net::listen(network, at);
  connected c;
  c.client = net::dial(network, l.addr());
  c.server = l.accept();
  return c;
}

std::string read_text(net::conn& c, std::size_t size = 100) {
  std::string text(size, '\0');
  text.resize(c.read({reinterpret_cast<std::byte*>(text.data()), size}));
  return text;
}

std::error_code read_error(net::conn& c) {
  std::byte b[1];
  std::error_code error;
  c.read(b, error);
  return error;
}

// A server with one goroutine a connection: "p" puts a value, "g" gets it if there is one.
struct store {
  std::atomic<bool> ready{false};
  int value = 0;
};

template <bool ValueFirst>
void serve_one(net::conn c, store& s) {
  const std::string what = read_text(c, 1);
  if (what == "p") {
    if constexpr (ValueFirst) s.value = 7;
    s.ready = true;
    if constexpr (!ValueFirst) s.value = 7;
    c.write(io::as_bytes("ok"));
  } else {
    c.write(io::as_bytes(s.ready ? std::to_string(s.value) : "none"));
  }
}

template <bool ValueFirst>
void put_and_get() {
  store s;
  net::listener l = net::listen("tcp", "localhost:0");
  wait_group all;
  all.go([&] {
    for (int i = 0; i < 2; ++i) all.go([&s, c = l.accept()] { serve_one<ValueFirst>(c, s); });
  });
  for (const char* what : {"p", "g"}) {
    all.go([&l, what] {
      net::conn c = net::dial("tcp", l.addr());
      c.write(io::as_bytes(what));
      io::read_all(c);
    });
  }
  all.wait();
}

}  // namespace

TEST(simulated_network, a_race_of_one_order_is_found_and_its_line_replays_it) {
  const explore::result found = explore::run([] { put_and_get<false>(); }, {.schedules = 2000});
  ASSERT_FALSE(found.ok()) << found.verdict;
  const explore::failure& f = found.failures[0];
  EXPECT_EQ(f.kind, explore::kind::race);
  EXPECT_NE(f.message.find("value"), std::string::npos) << f.message;
  for (int i = 0; i < 100; ++i) {
    const explore::result again = explore::replay([] { put_and_get<false>(); }, f.schedule);
    ASSERT_FALSE(again.ok()) << again.verdict;
    ASSERT_EQ(again.verdict.find("reproduced;"), 0u) << again.verdict;
    ASSERT_EQ(again.failures[0].message, f.message);
    ASSERT_EQ(again.failures[0].schedule, f.schedule);
  }
}

TEST(simulated_network, what_is_read_comes_after_what_was_written) {
  const explore::result r = explore::run([] { put_and_get<true>(); }, {.schedules = 200, .network = "short-reads,split-writes,delay"});
  EXPECT_TRUE(r.ok()) << r.verdict << (r.ok() ? "" : r.failures[0].report);
}

// Both ends send all they have before they read: nothing is wrong with little, and much does not fit between them.
TEST(simulated_network, a_deadlock_of_two_that_write_first_is_found) {
  const auto body = [] {
    connected c = connect();
    const std::string much(1 << 20, 'x');
    go([&] {
      c.server.write(io::as_bytes(much));
      c.server.close_write();
      io::read_all(c.server);
    });
    c.client.write(io::as_bytes(much));
    c.client.close_write();
    io::read_all(c.client);
  };
  const explore::result r = explore::run(body, {.schedules = 10});
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.failures[0].kind, explore::kind::deadlock);
  EXPECT_NE(r.failures[0].message.find("[IO wait]"), std::string::npos) << r.failures[0].message;
}

TEST(simulated_network, all_orders_of_two_dials_are_seen) {
  std::string orders;
  const auto body = [&] {
    net::listener l = net::listen("tcp", "127.0.0.1:0");
    wait_group both;
    for (const char* name : {"a", "b"}) {
      both.go([&l, name] { net::dial("tcp", l.addr()).write(io::as_bytes(name)); });
    }
    net::conn first = l.accept(), second = l.accept();
    const std::string order = read_text(first) + read_text(second) + " ";
    if (orders.find(order) == orders.npos) orders += order;
    both.wait();
  };
  const explore::result r = explore::run(body, {.schedules = 100'000, .strategy = "exhaustive"});
  EXPECT_TRUE(r.ok()) << r.verdict;
  EXPECT_TRUE(r.complete) << r.verdict;
  EXPECT_NE(orders.find("ab "), orders.npos) << orders;
  EXPECT_NE(orders.find("ba "), orders.npos) << orders;
}

RAVEL_TEST_WITH(simulated, both_ways_and_half_close, some) {
  connected c = connect();
  c.client.write(io::as_bytes("ping"));
  EXPECT_EQ(read_text(c.server), "ping");
  c.client.close_write();
  EXPECT_EQ(read_text(c.server), "");
  c.server.write(io::as_bytes("pong"));
  EXPECT_EQ(read_text(c.client), "pong");
  EXPECT_EQ(c.client.local_addr(), c.server.remote_addr());
  EXPECT_EQ(c.client.remote_addr(), c.server.local_addr());
  std::error_code error;
  c.client.write(io::as_bytes("x"), error);
  EXPECT_EQ(error, std::errc::broken_pipe);
}

RAVEL_TEST_WITH(simulated, a_write_comes_before_the_read_that_gets_it, some) {
  connected c = connect();
  int value = 0;
  wait_group writing;
  writing.go([&] {
    value = 1;
    c.client.write(io::as_bytes("x"));
  });
  read_text(c.server);
  EXPECT_EQ(value, 1);
  writing.wait();
}

TEST(simulated_network, a_read_says_nothing_of_what_came_after_the_write) {
  const auto body = [] {
    connected c = connect();
    int value = 0;
    wait_group writing;
    writing.go([&] {
      c.client.write(io::as_bytes("x"));
      value = 1;
      c.client.write(io::as_bytes("y"));
    });
    read_text(c.server, 1);
    value = 2;
    writing.wait();
  };
  const explore::result r = explore::run(body, {.schedules = 10, .strategy = "random"});
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.failures[0].kind, explore::kind::race);
}

RAVEL_TEST_WITH(simulated, deadlines_are_of_virtual_time, some) {
  connected c = connect();
  const stopwatch t;
  c.client.set_read_deadline(clock::now() + 1h);
  EXPECT_EQ(read_error(c.client), io::errc::deadline_exceeded);
  EXPECT_EQ(t(), 1h);
  c.client.set_read_deadline(clock::now() + 1h);
  go([&] {
    sleep_for(30min);
    c.client.set_read_deadline(clock::now() + 24h);
  });
  EXPECT_EQ(read_error(c.client), io::errc::deadline_exceeded);
  EXPECT_EQ(t(), 1h + 30min + 24h);
  c.client.set_write_deadline(clock::now() + 1min);
  std::error_code error;
  const std::string much(1 << 20, 'x');
  EXPECT_LT(c.client.write(io::as_bytes(much), error), much.size());
  EXPECT_EQ(error, io::errc::deadline_exceeded);
  c.client.set_deadline({});
  c.server.write(io::as_bytes("x"));
  EXPECT_EQ(read_text(c.client), "x");
}

RAVEL_TEST_WITH(simulated, close_wakes_who_waits, some) {
  connected c = connect();
  net::listener l = net::listen("tcp", "127.0.0.1:0");
  wait_group all;
  all.go([&] { EXPECT_EQ(read_error(c.client), io::errc::closed); });
  all.go([&] {
    std::error_code error;
    while (!error) c.client.write(io::as_bytes(std::string(30'000, 'x')), error);
    EXPECT_EQ(error, io::errc::closed);
  });
  all.go([&] {
    std::error_code error;
    l.accept(error);
    EXPECT_EQ(error, io::errc::closed);
  });
  sleep_for(1s);
  c.client.close();
  l.close();
  all.wait();
}

RAVEL_TEST_WITH(simulated, a_close_with_unread_data_is_a_reset, some) {
  connected c = connect();
  c.client.write(io::as_bytes("unread"));
  c.server.close();
  EXPECT_EQ(read_error(c.client), std::errc::connection_reset);
  connected d = connect();
  d.server.close();
  EXPECT_EQ(read_text(d.client), "");
  d.client.write(io::as_bytes("lost"));  // only the answer to it tells
  std::error_code error;
  d.client.write(io::as_bytes("x"), error);
  EXPECT_EQ(error, std::errc::broken_pipe);
}

RAVEL_TEST_WITH(simulated, addresses_are_as_on_a_machine, some) {
  std::error_code error;
  net::dial("tcp", "127.0.0.1:80", error);
  EXPECT_EQ(error, std::errc::connection_refused);
  net::dial("unix", "nowhere", error);
  EXPECT_EQ(error, std::errc::no_such_file_or_directory);
  net::listener every = net::listen("tcp", ":8080");
  net::listen("tcp", "127.0.0.1:8080", error);
  EXPECT_EQ(error, std::errc::address_in_use);
  for (const char* at : {"127.0.0.1:8080", "[::1]:8080", "localhost:8080", ":8080"}) {
    net::conn c = net::dial("tcp", at);
    EXPECT_EQ(every.accept().local_addr(), c.remote_addr()) << at;
  }
  net::listener path = net::listen("unix", "a path");
  EXPECT_EQ(path.addr().to_string(), "a path");
  EXPECT_EQ(net::dial("unix", "a path").remote_addr().to_string(), "a path");
  path.close();
  EXPECT_TRUE(net::listen("unix", "a path"));
}

TEST(simulated_network, other_networks_are_refused_in_words) {
  const auto refusal = [](auto body) -> std::string {
    try {
      explore::run(body, {.schedules = 1});
    } catch (const std::logic_error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(refusal([] { net::dial("tcp", "192.0.2.1:80"); }),
            "ravel: a controlled schedule cannot contain a connection to 192.0.2.1:80: of the network only the loopback and Unix sockets are simulated");
  EXPECT_EQ(refusal([] { net::dial("tcp", "example.com:80"); }),
            "ravel: a controlled schedule cannot contain a look-up of the name 'example.com': of the network only localhost is simulated");
  EXPECT_EQ(refusal([] { net::listen("tcp", "192.0.2.1:80"); }),
            "ravel: a controlled schedule cannot contain a listener at 192.0.2.1:80: of the network only the loopback and Unix sockets are simulated");
  net::listener real = net::listen("tcp", "127.0.0.1:0");
  EXPECT_NE(refusal([&] { real.accept(); }).find("a wait for a socket of the system's"), std::string::npos);
}

// --- faults

namespace {

// What came of a small exchange, in words: each once.
std::string outcomes(const std::string& network, clock::duration patience, int schedules = 400) {
  std::vector<std::string> seen;
  const auto body = [&] {
    net::listener l = net::listen("tcp", "127.0.0.1:0");
    go([l]() mutable {
      std::error_code error;
      net::conn c = l.accept(error);
      std::byte b[100];
      while (!error) {
        const std::size_t n = c.read(b, error);
        if (n == 0) break;
        c.write({b, n}, error);
      }
    });
    std::error_code error;
    const auto limited = context::with_timeout(context::background(), patience);
    net::conn c = net::dial(limited.ctx, "tcp", l.addr(), error);
    limited.cancel();
    std::string what = "no connection: ";
    if (!error) {
      what = "";
      c.set_deadline(clock::now() + patience, error);
      c.write(io::as_bytes("hello"), error);
      c.close_write(error);
      std::string got;
      if (!error) got = io::read_all(c, error);
      if (!error) what = got == "hello" ? "all" : "less";
    }
    if (error) what += error.message();
    if (std::find(seen.begin(), seen.end(), what) == seen.end()) seen.push_back(what);
    l.close();
    c.close(error);
  };
  const explore::result r = explore::run(body, {.schedules = static_cast<std::uint64_t>(schedules), .strategy = "random", .network = network, .leaks = false});
  std::sort(seen.begin(), seen.end());
  std::string text = r.ok() ? "" : r.failures[0].message + ": ";
  for (const std::string& s : seen) text += s + "; ";
  return text;
}

}  // namespace

TEST(simulated_network, faults_come_when_they_are_asked_for) {
  EXPECT_EQ(outcomes("", 1s), "all; ");
  EXPECT_EQ(outcomes("short-reads,split-writes", 1s), "all; ");
  EXPECT_EQ(outcomes("refuse", 1s), "all; no connection: Connection refused; ");
  EXPECT_EQ(outcomes("reset", 1s), "Connection reset by peer; all; ");
  EXPECT_EQ(outcomes("silence", 1s), "all; i/o timeout; no connection: context deadline exceeded; ");
  EXPECT_EQ(outcomes("delay", 1min), "all; ");
  EXPECT_EQ(outcomes("delay", 500ms), "all; i/o timeout; no connection: context deadline exceeded; ");
  // Without a deadline the system gives up after a quarter of an hour.
  EXPECT_EQ(outcomes("silence", 24h), "Connection timed out; all; no connection: Connection timed out; ");
}

TEST(simulated_network, an_unknown_fault_is_an_error) {
  try {
    explore::run([] {}, {.network = "reset,fire"});
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "explore: network has no fault 'fire'; allowed are refuse, reset, silence, short-reads, split-writes, delay, all, and several with commas between");
  }
}

// One read is not one message: only a short read shows it.
TEST(simulated_network, a_line_holds_the_faults_it_needs) {
  const auto body = [] {
    connected c = connect();
    c.client.write(io::as_bytes("hello"));
    const std::string text = read_text(c.server);
    if (text != "hello") explore::fail("a message is '" + text + "'");
  };
  EXPECT_TRUE(explore::run(body, {.schedules = 200}).ok());
  const explore::result found = explore::run(body, {.schedules = 200, .network = "short-reads"});
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.failures[0].kind, explore::kind::assertion);
  EXPECT_EQ(found.failures[0].schedule.find("r1:a:%8,m@"), 0u) << found.failures[0].schedule;
  for (int i = 0; i < 100; ++i) {
    const explore::result again = explore::replay(body, found.failures[0].schedule);
    ASSERT_EQ(again.verdict.find("reproduced;"), 0u) << again.verdict;
    ASSERT_EQ(again.failures[0].message, found.failures[0].message);
  }
}

// --- HTTP over it, as it is

namespace {

struct visits {
  int count = 0;
  mutex lock;
};

template <bool Locked>
void two_visitors() {
  visits v;
  http::server s{.handler = [&v](http::response_writer& w, http::request& r) {
    std::unique_lock hold(v.lock, std::defer_lock);
    if (Locked || r.path == "/locked") hold.lock();
    w.write(std::to_string(++v.count));
  }};
  net::listener l = net::listen("tcp", "127.0.0.1:0");
  wait_group all;
  all.go([&] { s.serve(l); });
  {
    wait_group visitors;
    for (const char* path : {"/locked", "/open"}) {
      visitors.go([&l, path] {
        http::client c{.transport = std::make_shared<http::transport>()};
        EXPECT_EQ(c.get("http://" + l.addr() + path).status, 200);
      });
    }
    visitors.wait();
  }
  s.shutdown();
  all.wait();
}

}  // namespace

TEST(simulated_network, a_race_in_a_handler_is_found_and_replays) {
  const explore::result found = explore::run([] { two_visitors<false>(); }, {.schedules = 300});
  ASSERT_FALSE(found.ok()) << found.verdict;
  EXPECT_EQ(found.failures[0].kind, explore::kind::race);
  EXPECT_NE(found.failures[0].message.find("count"), std::string::npos) << found.failures[0].message;
  for (int i = 0; i < 20; ++i) {
    const explore::result again = explore::replay([] { two_visitors<false>(); }, found.failures[0].schedule);
    ASSERT_EQ(again.verdict.find("reproduced;"), 0u) << again.verdict;
    ASSERT_EQ(again.failures[0].message, found.failures[0].message);
  }
}

RAVEL_TEST_WITH(simulated_http, a_handler_with_a_lock_is_silent, (explore::options{.schedules = 50})) { two_visitors<true>(); }

RAVEL_TEST_WITH(simulated_http, the_client_survives_what_the_network_does, (explore::options{.schedules = 60, .strategy = "random", .network = "all"})) {
  http::server s{.handler = [](http::response_writer& w, http::request& r) { w.write(io::read_all(r.body)); }, .error_log = [](std::string_view) {}};
  net::listener l = net::listen("tcp", "127.0.0.1:0");
  wait_group serving;
  serving.go([&] { s.serve(l); });
  {
    http::client c{.timeout = 1min, .transport = std::make_shared<http::transport>()};
    for (int i = 0; i < 2; ++i) {
      std::error_code error;
      const std::string text(100, static_cast<char>('a' + i));
      http::response r = c.do_request({"PUT", "http://" + l.addr() + "/", text}, error);
      if (error) continue;
      const std::string answer = io::read_all(r.body, error);
      EXPECT_TRUE(error || answer == text) << answer;
    }
  }
  const auto limited = context::with_timeout(context::background(), 1h);
  std::error_code error;
  s.shutdown(limited.ctx, error);
  limited.cancel();
  s.close();
  serving.wait();
}
