// What Go's tests of channels fix (runtime/chan_test.go and test/chan of Go 1.19), asked of Ravel's.

#include <gtest/gtest.h>

#include <any>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "outcome.hpp"

namespace {

using namespace ravel;
using conformance::outcome;
using conformance::outcome_of;

constexpr std::size_t capacities[] = {0, 1, 2, 3, 7, 16, 100};

TEST(channels, that_are_empty_block_receivers) {
  for (std::size_t capacity : capacities) {
    auto c = make_chan<int>(capacity);
    EXPECT_EQ(outcome_of([c] { c.recv(); }), outcome::blocks) << capacity;
    int v = 7;
    EXPECT_EQ(c.try_recv(v), recv_status::empty) << capacity;
    EXPECT_EQ(v, 7);
    EXPECT_EQ(select(on_recv(c), on_default()), 1u) << capacity;
    c << 0;
  }
}

TEST(channels, that_are_full_block_senders) {
  for (std::size_t capacity : capacities) {
    auto c = make_chan<int>(capacity);
    for (std::size_t i = 0; i < capacity; ++i) c << static_cast<int>(i);
    EXPECT_EQ(outcome_of([c] { c << -1; }), outcome::blocks) << capacity;
    EXPECT_FALSE(c.try_send(0)) << capacity;
    EXPECT_EQ(select(on_send(c, 0), on_default()), 1u) << capacity;
    for (std::size_t i = 0; i < capacity; ++i) EXPECT_EQ(c.recv(), static_cast<int>(i));
    EXPECT_EQ(c.recv(), -1) << capacity;
  }
}

TEST(channels, give_out_what_they_hold_after_close_and_then_nothing) {
  for (std::size_t capacity : capacities) {
    auto c = make_chan<int>(capacity);
    for (std::size_t i = 0; i < capacity; ++i) c << static_cast<int>(i);
    c.close();
    for (std::size_t i = 0; i < capacity; ++i) EXPECT_EQ(c.recv(), static_cast<int>(i)) << capacity;
    EXPECT_EQ(c.recv(), std::nullopt);
    int v = 9;
    EXPECT_FALSE(c >> v);
    EXPECT_EQ(v, 9);
    EXPECT_EQ(c.try_recv(v), recv_status::closed);
  }
}

TEST(channels, close_wakes_receivers) {
  for (std::size_t capacity : capacities) {
    auto c = make_chan<int>(capacity);
    auto done = make_chan<bool>();
    go(go_options{.name = "receiver"}, [=] { done << !c.recv().has_value(); });
    conformance::until_parked("receiver");
    c.close();
    EXPECT_EQ(done.recv(), true) << capacity;
  }
}

TEST(channels, keep_the_order_of_one_sender) {
  for (std::size_t capacity : capacities) {
    auto c = make_chan<int>(capacity);
    for (int round = 0; round < 2; ++round) {
      go([c] { for (int i = 0; i < 100; ++i) c << i; });
      for (int i = 0; i < 100; ++i) ASSERT_EQ(c.recv(), i) << capacity;
    }
  }
}

TEST(channels, four_senders_and_four_receivers_see_each_value_four_times) {
  constexpr int people = 4, values = 1000;
  for (std::size_t capacity : capacities) {
    auto c = make_chan<int>(capacity);
    auto done = make_chan<std::map<int, int>>();
    for (int p = 0; p < people; ++p) {
      go([c] { for (int i = 0; i < values; ++i) c << i; });
      go([c, done] {
        std::map<int, int> seen;
        for (int i = 0; i < values; ++i) ++seen[*c.recv()];
        done << std::move(seen);
      });
    }
    std::map<int, int> all;
    for (int p = 0; p < people; ++p) {
      const auto seen = *done.recv();
      for (auto [value, times] : seen) all[value] += times;
    }
    EXPECT_EQ(all.size(), static_cast<std::size_t>(values)) << capacity;
    for (auto [value, times] : all) ASSERT_EQ(times, people) << value << " through capacity " << capacity;
  }
}

TEST(channels, tell_how_much_they_hold_and_could) {
  for (std::size_t capacity : capacities) {
    auto c = make_chan<int>(capacity);
    EXPECT_EQ(c.len(), 0u);
    EXPECT_EQ(c.cap(), capacity);
    for (std::size_t i = 0; i < capacity; ++i) c << 0;
    EXPECT_EQ(c.len(), capacity);
    EXPECT_EQ(c.cap(), capacity);
  }
  EXPECT_EQ(chan<int>().len(), 0u);
  EXPECT_EQ(chan<int>().cap(), 0u);
}

// The closer takes the value or the poller does; closed or not, a receive is ready throughout.
TEST(channels, are_ready_for_a_poll_while_they_close) {
  for (int i = 0; i < 10'000; ++i) {
    auto c = make_chan<int>(1);
    auto polled = make_chan<std::size_t>();
    c << 1;
    go([=] { polled << select(on_recv(c), on_default()); });
    c.close();
    c.recv();
    ASSERT_EQ(polled.recv(), 0u);
  }
}

TEST(channels, carry_any_type_of_value) {
  auto c = make_chan<std::any>(2);
  c << std::any(1);
  EXPECT_TRUE(c.try_send(std::any(std::string("two"))));
  EXPECT_EQ(select(on_send(c, std::any(3)), on_default()), 1u);
  EXPECT_EQ(std::any_cast<int>(*c.recv()), 1);
  EXPECT_EQ(std::any_cast<std::string>(*c.recv()), "two");
}

TEST(channels, feed_many_workers_without_loss) {
  constexpr int workers = 23, values = 50'000;
  constexpr std::array primes{2, 3, 7, 11, 13, 17, 19, 23, 27, 31};
  auto work = make_chan<int>(workers * 3), results = make_chan<int>(workers * 3);
  wait_group all;
  for (int w = 0; w < workers; ++w)
    all.go([=] {
      for (int v : work) {
        if (primes[static_cast<std::size_t>(w) % primes.size()] == v) yield();
        results << v;
      }
    });
  long expected = 0;
  for (int i = 0; i < values; ++i) expected += primes[static_cast<std::size_t>(i) % primes.size()];
  go([&, results] {
    for (int i = 0; i < values; ++i) work << primes[static_cast<std::size_t>(i) % primes.size()];
    work.close();
    all.wait();
    results.close();
  });
  int received = 0;
  long sum = 0;
  for (int v : results) {
    ++received;
    sum += v;
  }
  EXPECT_EQ(received, values);
  EXPECT_EQ(sum, expected);
}

// test/chan/fifo.go: a chain in which each link passes on in its turn, blocked ones in the order in which they came.
TEST(channels, serve_a_chain_in_order) {
  constexpr int links = 10;
  auto c = make_chan<int>(), start = make_chan<int>();
  auto before = start;
  for (int i = 0; i < links; ++i) {
    auto next = make_chan<int>();
    go([=] {
      before.recv();
      EXPECT_EQ(c.recv(), i);
      next << 0;
    });
    before = next;
  }
  start << 0;
  for (int i = 0; i < links; ++i) c << i;
  before.recv();
}

TEST(channels, serve_parked_receivers_and_senders_in_the_order_they_came) {
  constexpr int people = 8;
  auto c = make_chan<int>();
  auto order = make_chan<int>(people);
  for (int i = 0; i < people; ++i) {
    const char* const name = conformance::lasting("receiver" + std::to_string(i));
    go(go_options{.name = name}, [=] { order << *c.recv() * 100 + i; });
    conformance::until_parked(name);
  }
  for (int i = 0; i < people; ++i) c << i;
  std::vector<int> got;
  for (int i = 0; i < people; ++i) got.push_back(*order.recv());
  std::sort(got.begin(), got.end());
  for (int i = 0; i < people; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)], i * 100 + i);

  for (int i = 0; i < people; ++i) {
    const char* const name = conformance::lasting("sender" + std::to_string(i));
    go(go_options{.name = name}, [=] { c << i; });
    conformance::until_parked(name);
  }
  for (int i = 0; i < people; ++i) EXPECT_EQ(c.recv(), i);
}

// test/chan/goroutines.go: a daisy chain of ten thousand.
TEST(channels, carry_a_value_through_ten_thousand_goroutines) {
  constexpr int links = 10'000;
  auto leftmost = make_chan<int>();
  auto left = leftmost;
  for (int i = 0; i < links; ++i) {
    auto right = make_chan<int>();
    go([left, right] { left << 1 + *right.recv(); });
    left = right;
  }
  go([left] { left << 0; });
  EXPECT_EQ(leftmost.recv(), links);
}

// test/chan/sieve1.go.
TEST(channels, sift_primes) {
  auto primes = make_chan<int>();
  go([primes] {
    auto c = make_chan<int>();
    go([c] { for (int i = 2;; ++i) c << i; });
    for (;;) {
      const int prime = *c.recv();
      primes << prime;
      auto next = make_chan<int>();
      go([c, next, prime] {
        for (int i : c)
          if (i % prime != 0) next << i;
      });
      c = next;
    }
  });
  for (int expected : {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97}) EXPECT_EQ(primes.recv(), expected);
}

// test/chan/zerosize.go and select7.go.
TEST(channels, of_elements_without_content_count_them) {
  auto c = make_chan<unit>(3);
  c << unit{};
  c << unit{};
  EXPECT_EQ(c.len(), 2u);
  c.close();
  EXPECT_TRUE(c.recv().has_value());
  EXPECT_TRUE(c.recv().has_value());
  EXPECT_FALSE(c.recv().has_value());
}

// test/chan/nonblock.go, for elements of several sizes.
template <class T>
void polls_find_what_others_do(T value) {
  for (std::size_t capacity : {std::size_t{0}, std::size_t{1}}) {
    auto c = make_chan<T>(capacity);
    T got{};
    EXPECT_EQ(c.try_recv(got), recv_status::empty);
    if (capacity == 0) {
      EXPECT_FALSE(c.try_send(value));
    } else {
      EXPECT_TRUE(c.try_send(value));
      EXPECT_FALSE(c.try_send(value));
      EXPECT_EQ(c.try_recv(got), recv_status::received);
      EXPECT_TRUE(got == value);
    }
    auto done = make_chan<bool>();
    go(go_options{.name = "receiver"}, [=] { done << (*c.recv() == value); });
    conformance::until_parked("receiver");
    EXPECT_TRUE(c.try_send(value));  // there is a partner
    EXPECT_EQ(done.recv(), true);
    go([=] { c << value; });
    while (c.try_recv(got) != recv_status::received) yield();
    EXPECT_TRUE(got == value);
  }
}
TEST(channels, are_polled_by_elements_of_any_size) {
  polls_find_what_others_do<char>('x');
  polls_find_what_others_do<std::int32_t>(-7);
  polls_find_what_others_do<std::int64_t>(1LL << 40);
  polls_find_what_others_do<std::string>("a string that is too long for the object itself");
  polls_find_what_others_do<std::array<long, 40>>(std::array<long, 40>{1, 2, 3});
}

TEST(channels, panic_in_gos_words) {
  const auto words = [](auto f) -> std::string {
    try {
      f();
    } catch (const panic_error& e) {
      return e.what();
    }
    return "no panic";
  };
  auto c = make_chan<int>(1);
  c.close();
  EXPECT_EQ(words([&] { c << 1; }), "send on closed channel");
  EXPECT_EQ(words([&] { c.try_send(1); }), "send on closed channel");
  EXPECT_EQ(words([&] { select(on_send(c, 1), on_default()); }), "send on closed channel");
  EXPECT_EQ(words([&] { c.close(); }), "close of closed channel");
  EXPECT_EQ(words([&] { chan<int>().close(); }), "close of nil channel");
}

TEST(channels, close_makes_parked_senders_panic) {
  auto c = make_chan<int>();
  auto panicked = make_chan<std::string>();
  for (int i = 0; i < 3; ++i) {
    const char* const name = conformance::lasting("sender" + std::to_string(i));
    go(go_options{.name = name}, [=] {
      try {
        if (i == 2) select(on_send(c, 1), on_recv(make_chan<int>()));
        else c << 1;
      } catch (const panic_error& e) {
        panicked << std::string(e.what());
        return;
      }
      panicked << std::string("sent");
    });
    conformance::until_parked(name);
  }
  c.close();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(panicked.recv(), "send on closed channel");
}

}  // namespace
