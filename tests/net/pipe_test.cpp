// net::pipe: a connection in memory.
#include <gtest/gtest.h>
#include <ravel/net.hpp>
#include <ravel/ravel.hpp>

#include <unistd.h>

#include <filesystem>
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

// Of a pipe of the system's, which blocks the thread.
TEST(files, close_does_not_wait_for_a_read) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  io::file reading(ends[0]), writing(ends[1]);
  auto began = make_chan<unit>();
  auto result = make_chan<std::string>(1);
  go([=]() mutable {
    began.close();
    std::byte b[8];
    std::error_code error;
    const std::size_t n = reading.read(b, error);
    result << (error ? error.message() : std::string(io::as_text({b, n})));
  });
  began.recv();
  sleep_for(10ms);  // only to have it read more often than not
  reading.close();
  EXPECT_FALSE(reading);
  std::error_code error;
  std::byte b[1];
  reading.read(b, error);
  EXPECT_EQ(error, io::errc::closed);
  reading.close(error);
  EXPECT_EQ(error, io::errc::closed);
  writing.write(io::as_bytes("late"), error);  // nobody reads any more when the reader came after the close
  const std::string got = *result.recv();
  EXPECT_TRUE(got == "late" || got == "use of closed network connection") << got;
}

TEST(files, the_number_is_closed_by_the_last_who_uses_it) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  io::file writing(ends[1]);
  {
    io::file reading(ends[0]);
    reading.close();
  }
  std::error_code error;
  writing.write(io::as_bytes("x"), error);
  EXPECT_EQ(error, std::errc::broken_pipe);
}
