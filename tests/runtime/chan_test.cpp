#include <gtest/gtest.h>

#include <memory>
#include <ravel/ravel.hpp>
#include <string>
#include <thread>

namespace {

TEST(chan, buffered_keeps_order_and_reports_len_and_cap) {
  auto c = ravel::make_chan<int>(3);
  c << 1 << 2;
  EXPECT_EQ(c.len(), 2u);
  EXPECT_EQ(c.cap(), 3u);
  EXPECT_EQ(c.recv(), 1);
  EXPECT_EQ(c.recv(), 2);
}

TEST(chan, unbuffered_hands_over) {
  auto c = ravel::make_chan<std::string>();
  ravel::go([c] { c << std::string(100, 'x'); });
  EXPECT_EQ(c.recv(), std::string(100, 'x'));
}

TEST(chan, moves_what_cannot_be_copied) {
  auto c = ravel::make_chan<std::unique_ptr<int>>(1);
  c << std::make_unique<int>(7);
  EXPECT_EQ(**c.recv(), 7);
}

TEST(chan, destroys_what_nobody_received) {
  auto alive = std::make_shared<int>(1);
  {
    auto c = ravel::make_chan<std::shared_ptr<int>>(2);
    c << alive << alive;
    EXPECT_EQ(alive.use_count(), 3);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(chan, range_ends_when_closed_and_drained) {
  auto c = ravel::make_chan<int>();
  ravel::go([c] {
    for (int i = 1; i <= 100; ++i) c << i;
    c.close();
  });
  int sum = 0;
  for (int v : c) sum += v;
  EXPECT_EQ(sum, 5050);
  EXPECT_FALSE(c.recv().has_value());
}

TEST(chan, close_panics_as_in_go) {
  auto message = [](auto f) -> std::string {
    try { f(); } catch (const ravel::panic_error& e) { return e.what(); }
    return "none";
  };
  auto c = ravel::make_chan<int>(1);
  c.close();
  EXPECT_EQ(message([&] { c << 1; }), "send on closed channel");
  EXPECT_EQ(message([&] { c.try_send(1); }), "send on closed channel");
  EXPECT_EQ(message([&] { c.close(); }), "close of closed channel");
  EXPECT_EQ(message([] { ravel::chan<int>().close(); }), "close of nil channel");
}

TEST(chan, close_wakes_blocked_senders_with_a_panic) {
  auto c = ravel::make_chan<int>();
  auto panicked = ravel::make_chan<bool>();
  ravel::go([=] {
    try { c << 1; panicked << false; } catch (const ravel::panic_error&) { panicked << true; }
  });
  ravel::yield();
  c.close();
  EXPECT_EQ(panicked.recv(), true);
}

TEST(chan, try_operations_never_block) {
  auto c = ravel::make_chan<int>(1);
  int v = 0;
  EXPECT_EQ(c.try_recv(v), ravel::recv_status::empty);
  EXPECT_TRUE(c.try_send(5));
  EXPECT_FALSE(c.try_send(6));
  EXPECT_EQ(c.try_recv(v), ravel::recv_status::received);
  EXPECT_EQ(v, 5);
  c.close();
  EXPECT_EQ(c.try_recv(v), ravel::recv_status::closed);
  EXPECT_FALSE(ravel::chan<int>().try_send(1));
}

TEST(chan, four_senders_and_four_receivers_lose_and_invent_nothing) {
  for (std::size_t capacity : {0u, 1u, 7u}) {
    auto c = ravel::make_chan<long>(capacity);
    auto sums = ravel::make_chan<long>(4);
    ravel::wait_group senders;
    for (int s = 0; s < 4; ++s) {
      senders.go([c] { for (long i = 1; i <= 20000; ++i) c << i; });
    }
    for (int r = 0; r < 4; ++r) {
      ravel::go([=] {
        long sum = 0;
        for (long v : c) sum += v;
        sums << sum;
      });
    }
    senders.wait();
    c.close();
    long total = 0;
    for (int r = 0; r < 4; ++r) total += *sums.recv();
    EXPECT_EQ(total, 4 * 20000L * 20001 / 2) << "capacity " << capacity;
  }
}

TEST(chan, is_used_from_foreign_threads) {
  auto c = ravel::make_chan<int>();
  std::thread t([c] { for (int i = 0; i < 100; ++i) c << i; c.close(); });
  int n = 0;
  for (int v : c) n += v >= 0;
  t.join();
  EXPECT_EQ(n, 100);
}

}  // namespace
