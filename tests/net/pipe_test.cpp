// net::pipe: a connection in memory.
#include <gtest/gtest.h>
#include <ravel/net.hpp>
#include <ravel/ravel.hpp>

#include <string>

using namespace ravel;
using namespace std::chrono_literals;

namespace {

std::error_code error_of_read(net::conn& c) {
  std::byte b[8];
  std::error_code error;
  c.read(b, error);
  return error;
}

}  // namespace

TEST(pipes, an_empty_write_is_no_end) {
  auto [a, b] = net::pipe();
  go([a = a]() mutable {
    a.write({});
    io::write_string(a, "abc");
    a.close();
  });
  EXPECT_EQ(io::read_all(b).size(), 3u);
}

TEST(net_pipe, a_write_waits_until_all_is_read) {
  auto [a, b] = net::pipe();
  auto done = make_chan<unit>(1);
  go([=, a = a]() mutable {
    a.write(io::as_bytes("abcd"));
    done << unit{};
  });
  std::byte two[2];
  EXPECT_EQ(b.read(two), 2u);
  unit u;
  EXPECT_EQ(done.try_recv(u), recv_status::empty);
  EXPECT_EQ(b.read(two), 2u);
  EXPECT_EQ(io::as_text(two), "cd");
  done.recv();
}

TEST(net_pipe, close_ends_the_others_reading) {
  auto [a, b] = net::pipe();
  a.close();
  EXPECT_EQ(io::read_all(b), "");
  std::error_code error;
  b.write(io::as_bytes("x"), error);
  EXPECT_EQ(error, io::errc::closed_pipe);
  EXPECT_EQ(error_of_read(a), io::errc::closed_pipe);
}

TEST(net_pipe, close_wakes_a_reader_of_the_same_end) {
  auto [a, b] = net::pipe();
  auto result = make_chan<std::error_code>();
  go([=, a = a]() mutable { result << error_of_read(a); });
  yield();
  a.close();
  EXPECT_EQ(*result.recv(), io::errc::closed_pipe);
}

TEST(net_pipe, deadlines) {
  auto [a, b] = net::pipe();
  auto result = make_chan<std::error_code>();
  go([=, a = a]() mutable { result << error_of_read(a); });
  yield();
  a.set_read_deadline(clock::now() - 1s);
  EXPECT_EQ(*result.recv(), io::errc::deadline_exceeded);

  a.set_write_deadline(clock::now() + 1ms);
  std::error_code error;
  a.write(io::as_bytes("nobody reads"), error);
  EXPECT_EQ(error, io::errc::deadline_exceeded);

  a.set_deadline({});
  go([a = a]() mutable { a.write(io::as_bytes("at last")); });
  std::byte text[7];
  io::read_full(b, text);
  EXPECT_EQ(io::as_text(text), "at last");
}
