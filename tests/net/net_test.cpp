// TCP over the loopback and Unix sockets. What must wait is known to wait because nothing could end it but the act under test.
#include <gtest/gtest.h>
#include <ravel/net.hpp>
#include <ravel/ravel.hpp>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/net/sockets.hpp"

using namespace ravel;
using namespace std::chrono_literals;

namespace {

struct connected {
  net::conn client, server;
};

connected connect_over(const std::string& network, const std::string& at) {
  net::listener l = net::listen(network, at);
  connected c;
  c.client = net::dial(network, l.addr().to_string());
  c.server = l.accept();
  return c;
}

connected connect_tcp() { return connect_over("tcp", "127.0.0.1:0"); }

std::string read_text(net::conn& c) {
  std::byte b[256];
  const std::size_t n = c.read(b);
  return std::string(io::as_text({b, n}));
}

// More than the kernel keeps for a reader who never comes.
std::error_code write_until_error(net::conn& c) {
  const std::string much(1 << 20, 'x');
  std::error_code error;
  while (!error) c.write(io::as_bytes(much), error);
  return error;
}

}  // namespace

TEST(unix_sockets, a_full_queue_is_an_error_and_no_wait) {
  const std::string path = "queue" + std::to_string(::getpid());
  const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  path.copy(a.sun_path, sizeof a.sun_path - 1);
  ASSERT_EQ(::bind(listening, reinterpret_cast<const sockaddr*>(&a), sizeof a), 0);
  ASSERT_EQ(::listen(listening, 0), 0);
  std::vector<net::conn> dialled;
  std::error_code error;
  while (!error && dialled.size() < 100) dialled.push_back(net::dial("unix", path, error));
  EXPECT_EQ(error, std::errc::resource_unavailable_try_again);
  ::close(listening);
  ::unlink(path.c_str());
}

TEST(unix_sockets, a_path_can_be_used_again_after_close) {
  const std::string path = "again" + std::to_string(::getpid());
  net::listener first = net::listen("unix", path);
  first.close();
  net::listener second = net::listen("unix", path);
  first = {};  // the last handle of the first does not take the second's path
  EXPECT_TRUE(net::dial("unix", path));
}

TEST(addresses, are_texts_wherever_one_is_asked_for) {
  net::listener l = net::listen("tcp", "127.0.0.1:0");
  const std::string text = l.addr();
  EXPECT_EQ(text, "127.0.0.1:" + std::to_string(l.addr().port()));
  EXPECT_EQ("http://" + l.addr() + "/", "http://" + text + "/");
  std::ostringstream out;
  out << l.addr();
  EXPECT_EQ(out.str(), text);
  EXPECT_TRUE(net::dial("tcp", l.addr()));
}

TEST(net_tcp, what_is_written_is_read_both_ways) {
  connected c = connect_tcp();
  c.client.write(io::as_bytes("ping"));
  EXPECT_EQ(read_text(c.server), "ping");
  c.server.write(io::as_bytes("pong"));
  EXPECT_EQ(read_text(c.client), "pong");
  EXPECT_EQ(c.client.local_addr(), c.server.remote_addr());
  EXPECT_EQ(c.client.remote_addr(), c.server.local_addr());
}

TEST(net_tcp, names_are_looked_up) {
  connected c = connect_over("tcp4", "localhost:0");
  c.client.write(io::as_bytes("x"));
  EXPECT_EQ(read_text(c.server), "x");
}

TEST(net_tcp, a_large_write_is_whole) {
  connected c = connect_tcp();
  const std::string sent(8 << 20, 'a');
  go([client = c.client, &sent]() mutable {
    client.write(io::as_bytes(sent));
    client.close_write();
  });
  EXPECT_EQ(io::read_all(c.server), sent);
}

TEST(net_tcp, close_write_ends_the_others_reading_and_nothing_else) {
  connected c = connect_tcp();
  c.client.close_write();
  EXPECT_EQ(read_text(c.server), "");
  c.server.write(io::as_bytes("still here"));
  EXPECT_EQ(read_text(c.client), "still here");
}

TEST(net_tcp, close_wakes_a_reader) {
  connected c = connect_tcp();
  auto result = make_chan<std::error_code>();
  go([result, client = c.client]() mutable {
    std::byte b[1];
    std::error_code error;
    client.read(b, error);
    result << error;
  });
  yield();
  c.client.close();
  const std::error_code error = *result.recv();
  EXPECT_EQ(error, io::errc::closed);
  EXPECT_EQ(error.message(), "use of closed network connection");
}

TEST(net_tcp, close_wakes_a_writer) {
  connected c = connect_tcp();
  auto result = make_chan<std::error_code>();
  go([result, client = c.client]() mutable { result << write_until_error(client); });
  sleep_for(20ms);  // only to have it wait more often than not
  c.client.close();
  EXPECT_EQ(*result.recv(), io::errc::closed);
}

TEST(net_tcp, close_wakes_accept) {
  net::listener l = net::listen("tcp", "127.0.0.1:0");
  auto result = make_chan<std::error_code>();
  go([=]() mutable {
    std::error_code error;
    l.accept(error);
    result << error;
  });
  yield();
  l.close();
  EXPECT_EQ(*result.recv(), io::errc::closed);
}

TEST(net_tcp, use_after_close_is_an_error) {
  connected c = connect_tcp();
  c.client.close();
  std::byte b[1];
  std::error_code error;
  EXPECT_EQ(c.client.read(b, error), 0u);
  EXPECT_EQ(error, io::errc::closed);
  c.client.write(io::as_bytes("x"), error);
  EXPECT_EQ(error, io::errc::closed);
  c.client.close(error);
  EXPECT_EQ(error, io::errc::closed);
  EXPECT_THROW(c.client.read(b), std::system_error);
}

TEST(net_tcp, a_deadline_in_the_past_wakes_a_reader) {
  connected c = connect_tcp();
  auto result = make_chan<std::error_code>();
  go([result, client = c.client]() mutable {
    std::byte b[1];
    std::error_code error;
    client.read(b, error);
    result << error;
  });
  yield();
  c.client.set_read_deadline(clock::now() - 1h);
  const std::error_code error = *result.recv();
  EXPECT_EQ(error, io::errc::deadline_exceeded);
  EXPECT_EQ(error.message(), "i/o timeout");
}

TEST(net_tcp, a_deadline_ends_a_write_and_its_removal_lets_go_on) {
  connected c = connect_tcp();
  c.client.set_write_deadline(clock::now() + 10ms);
  EXPECT_EQ(write_until_error(c.client), io::errc::deadline_exceeded);
  c.server.write(io::as_bytes("reads go on"));
  EXPECT_EQ(read_text(c.client), "reads go on");
  c.client.set_deadline(clock::now() - 1s);
  std::byte b[1];
  std::error_code error;
  c.client.read(b, error);
  EXPECT_EQ(error, io::errc::deadline_exceeded);
  c.client.set_deadline({});
  c.server.write(io::as_bytes("again"));
  EXPECT_EQ(read_text(c.client), "again");
}

TEST(net_tcp, writing_to_who_has_gone_is_an_error_and_no_signal) {
  connected c = connect_tcp();
  c.server.close();
  const std::error_code error = write_until_error(c.client);
  EXPECT_TRUE(error == std::errc::broken_pipe || error == std::errc::connection_reset) << error.message();
}

TEST(net_dial, refused) {
  net::listener l = net::listen("tcp", "127.0.0.1:0");
  const std::string address = l.addr().to_string();
  l.close();
  std::error_code error;
  EXPECT_FALSE(net::dial("tcp", address, error));
  EXPECT_EQ(error, std::errc::connection_refused);
  EXPECT_THROW(net::dial("tcp", address), std::system_error);
}

TEST(net_dial, a_context_that_is_over) {
  auto [ctx, cancel] = context::with_cancel(context::background());
  cancel();
  std::error_code error;
  EXPECT_FALSE(net::dial(ctx, "tcp", "127.0.0.1:1", error));
  EXPECT_EQ(error, context::errc::canceled);
}

TEST(net_dial, bad_networks_and_addresses) {
  for (const auto& [network, address] : {std::pair{"tpc", "127.0.0.1:1"}, {"tcp", "127.0.0.1"}, {"tcp", "127.0.0.1:99999"}}) {
    std::error_code error;
    EXPECT_FALSE(net::dial(network, address, error)) << network << " " << address;
    EXPECT_TRUE(error) << network << " " << address;
  }
}

TEST(net_listen, a_taken_address) {
  net::listener l = net::listen("tcp", "127.0.0.1:0");
  std::error_code error;
  EXPECT_FALSE(net::listen("tcp", l.addr().to_string(), error));
  EXPECT_EQ(error, std::errc::address_in_use);
}

TEST(net_listen, accept_waits_while_there_are_no_descriptors) {
  net::listener l = net::listen("tcp", "127.0.0.1:0");
  net::conn client = net::dial("tcp", l.addr().to_string());
  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  auto accepted = make_chan<std::error_code>(1);
  go([=]() mutable {
    std::error_code error;
    l.accept(error);
    accepted << error;
  });
  sleep_for(20ms);  // only to have it find none more often than not
  std::error_code error;
  EXPECT_EQ(accepted.try_recv(error), recv_status::empty);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_FALSE(*accepted.recv());
}

TEST(net_unix, connects_and_leaves_no_file) {
  const std::string path = std::filesystem::temp_directory_path() / ("ravel_net_test." + std::to_string(::getpid()));
  {
    net::listener l = net::listen("unix", path);
    EXPECT_EQ(l.addr().network(), "unix");
    EXPECT_EQ(l.addr().to_string(), path);
    net::conn client = net::dial("unix", path);
    net::conn server = l.accept();
    client.write(io::as_bytes("over a path"));
    EXPECT_EQ(read_text(server), "over a path");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(net_many, clients_at_once) {
  net::listener l = net::listen("tcp", "127.0.0.1:0");
  wait_group server, clients;
  server.go([l]() mutable {
    std::error_code error;
    for (;;) {
      net::conn c = l.accept(error);
      if (error) return;
      go([c]() mutable { io::copy(c, c); });
    }
  });
  std::atomic<int> good{0};
  for (int i = 0; i < 50; ++i) {
    clients.go([&, i] {
      net::conn c = net::dial("tcp", l.addr().to_string());
      for (int n = 0; n < 20; ++n) {
        const std::string text = std::to_string(i * 100 + n);
        c.write(io::as_bytes(text));
        std::string back(text.size(), ' ');
        io::read_full(c, std::as_writable_bytes(std::span(back)));
        good += back == text;
      }
    });
  }
  clients.wait();
  l.close();
  server.wait();
  EXPECT_EQ(good, 1000);
}

// --- io::copy, by the kernel from a file

namespace {

std::string letters(std::size_t n) {
  std::string text(n, '\0');
  for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

struct temporary_file {
  std::string name = "copied" + std::to_string(::getpid());
  explicit temporary_file(std::string_view text) { io::write_file(name, text); }
  ~temporary_file() { std::filesystem::remove(name); }
};

}  // namespace

TEST(copies, a_file_goes_to_a_connection_from_where_it_is) {
  const std::string text = letters(3 << 20);
  const temporary_file t(text);
  connected c = connect_tcp();
  auto sent = make_chan<std::uint64_t>(3);
  go([&, client = c.client]() mutable {
    io::file f = io::open(t.name);
    f.seek(5);
    sent << io::copy_n(client, f, 10);
    sent << io::copy(client, f);
    sent << io::copy(client, f);  // at its end
    client.close_write();
  });
  EXPECT_EQ(io::read_all(c.server), text.substr(5));
  EXPECT_EQ(*sent.recv(), 10u);
  EXPECT_EQ(*sent.recv(), text.size() - 15);
  EXPECT_EQ(*sent.recv(), 0u);
}

TEST(copies, a_connection_goes_to_another) {
  const std::string text = letters(3 << 20);
  connected in = connect_tcp(), out = connect_tcp();
  go([&, client = in.client]() mutable {
    client.write(io::as_bytes(text));
    client.close_write();
  });
  auto copied = make_chan<std::uint64_t>(2);
  go([&, from = in.server, to = out.client]() mutable {
    copied << io::copy_n(to, from, 1000);
    copied << io::copy(to, from);
    to.close_write();
  });
  EXPECT_EQ(io::read_all(out.server), text);
  EXPECT_EQ(*copied.recv(), 1000u);
  EXPECT_EQ(*copied.recv(), text.size() - 1000);
}

TEST(copies, what_the_kernel_cannot_is_copied_all_the_same) {
  connected in = connect_tcp(), out = connect_tcp();
  in.client.write(io::as_bytes("text"));
  in.client.close_write();
  io::string_writer text;
  EXPECT_EQ(io::copy(text, in.server), 4u);
  auto [a, b] = net::pipe();
  go([a = a]() mutable {
    a.write(io::as_bytes("piped"));
    a.close();
  });
  EXPECT_EQ(io::copy(out.client, b), 5u);
  EXPECT_EQ(read_text(out.server), "piped");
  // The system's own pipe as a file: sendfile(2) does not take it before Linux 5.12.
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  io::file reading(ends[0]), writing(ends[1]);
  writing.write(io::as_bytes("file"));
  writing.close();
  EXPECT_EQ(io::copy(out.client, reading), 4u);
  EXPECT_EQ(read_text(out.server), "file");
}

TEST(copies, deadlines_and_closes_end_them) {
  connected in = connect_tcp(), out = connect_tcp();
  std::error_code error;
  in.server.set_read_deadline(clock::now() + 1ms);
  EXPECT_EQ(io::copy(out.client, in.server, error), 0u);
  EXPECT_EQ(error, io::errc::deadline_exceeded);
  in.server.set_read_deadline({});
  auto ended = make_chan<std::error_code>();
  go([=, from = in.server, to = out.client]() mutable {
    std::error_code e;
    io::copy(to, from, e);
    ended << e;
  });
  in.client.write(io::as_bytes("x"));
  EXPECT_EQ(read_text(out.server), "x");
  in.server.close();
  EXPECT_EQ(*ended.recv(), io::errc::closed);
  // Somebody who never reads: the target's deadline.
  connected again = connect_tcp();
  go([client = again.client]() mutable { write_until_error(client); });
  out.client.set_write_deadline(clock::now() + 50ms);
  io::copy(out.client, again.server, error);
  EXPECT_EQ(error, io::errc::deadline_exceeded);
}

// --- addresses of both families

TEST(happy_eyeballs, localhost_is_reached_at_either_address) {
  for (const char* at : {"127.0.0.1:0", "[::1]:0"}) {
    std::error_code error;
    net::listener l = net::listen("tcp", at, error);
    if (error) continue;  // a machine without IPv6
    net::conn c = net::dial("tcp", "localhost:" + std::to_string(l.addr().port()), error);
    // Where localhost has no IPv6 address, only the other listener can be found.
    if (error && at[0] == '[') continue;
    ASSERT_FALSE(error) << at << ": " << error.message();
    EXPECT_EQ(c.remote_addr(), l.addr());
  }
}

TEST(look_ups, end_with_the_context) {
  auto [ctx, cancel] = context::with_cancel(context::background());
  cancel();
  std::error_code error;
  EXPECT_TRUE(net::detail::resolve_to_dial(ctx, "tcp", "localhost:1", error).empty());  // dial would not even ask
  EXPECT_EQ(error, context::errc::canceled);
  EXPECT_FALSE(net::detail::resolve_to_dial(ctx, "tcp", "127.0.0.1:1", error).empty()) << "numbers are nobody's to look up";
  EXPECT_FALSE(error);
}
