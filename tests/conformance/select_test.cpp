// What Go's tests of select fix (runtime/chan_test.go and test/chan/select*.go of Go 1.19), asked of Ravel's.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "outcome.hpp"

namespace {

using namespace ravel;
using conformance::outcome;
using conformance::outcome_of;

// One of two channels is ready at any moment: a default must not be taken.
TEST(selects, find_a_channel_ready_while_readiness_moves_between_two) {
  for (bool closes : {false, true})
    for (int i = 0; i < 10'000; ++i) {
      auto a = make_chan<int>(1), b = make_chan<int>(closes ? 0 : 1);
      auto found = make_chan<bool>(1);
      a << 1;
      go([=] { found << (select(on_recv(a), on_recv(b), on_default()) != 2); });
      if (closes) b.close();
      else b << 1;
      select(on_recv(a), on_default());
      ASSERT_EQ(found.recv(), true);
    }
}

TEST(selects, with_both_sides_of_one_channel_never_serve_themselves) {
  for (std::size_t capacity : {std::size_t{0}, std::size_t{10}}) {
    auto c = make_chan<int>(capacity);
    wait_group both;
    std::atomic<int> own{0};
    for (int p = 0; p < 2; ++p)
      both.go([&, p] {
        const auto see = [&](std::optional<int> v) { own += capacity == 0 && v == p; };
        for (int i = 0; i < 1000; ++i) {
          if (p == 0 || i % 2 == 0) select(on_send(c, p), on_recv(c, see));
          else select(on_recv(c, see), on_send(c, p));
        }
      });
    both.wait();
    EXPECT_EQ(own, 0);
  }
}

TEST(selects, of_all_kinds_may_meet_in_chaos) {
  constexpr int values = 10'000;
  const std::array<chan<int>, 4> c{make_chan<int>(), make_chan<int>(), make_chan<int>(2), make_chan<int>(3)};
  wait_group all;
  for (const auto& one : c) {
    all.go([one] { for (int i = 0; i < values; ++i) one << 0; });
    all.go([one] { for (int i = 0; i < values; ++i) one.recv(); });
  }
  const auto in_one_select = [&](auto make_case) {
    auto left = c;
    std::array<int, 4> n{};
    for (int i = 0; i < 4 * values; ++i) {
      const std::size_t k = select(make_case(left[0]), make_case(left[1]), make_case(left[2]), make_case(left[3]));
      if (++n[k] == values) left[k] = {};
    }
    for (int times : n) EXPECT_EQ(times, values);
  };
  all.go([&] { in_one_select([](chan<int>& one) { return on_send(one, 0); }); });
  all.go([&] { in_one_select([](chan<int>& one) { return on_recv(one); }); });
  all.wait();
}

// The margin is that of six nines for ten thousand throws of a coin, as in Go's test.
TEST(selects, are_fair_between_two_ready_channels) {
  constexpr int trials = 10'000;
  auto ones = make_chan<int>(trials + 1), twos = make_chan<int>(trials + 1), never1 = make_chan<int>(), never2 = make_chan<int>();
  for (int i = 0; i < trials + 1; ++i) {
    ones << 1;
    twos << 2;
  }
  auto out = make_chan<int>();
  auto done = make_chan<unit>();
  wait_group ended;
  ended.go([=] {
    for (;;) {
      int b = 0;
      const auto keep = [&](std::optional<int> v) { b = *v; };
      select(on_recv(never1, keep), on_recv(never2, keep), on_recv(ones, keep), on_recv(twos, keep));
      if (select(on_send(out, b), on_recv(done)) == 1) return;
    }
  });
  int first = 0;
  for (int i = 0; i < trials; ++i) first += *out.recv() == 1;
  EXPECT_LE(std::abs(static_cast<double>(first) / trials - 0.5), 4.891676 / (2 * std::sqrt(trials))) << first << " of " << trials;
  done.close();
  ended.wait();
}

TEST(selects, send_either_value_at_random) {
  constexpr int n = 1000;
  for (std::size_t capacity : {0, n}) {
    auto c = make_chan<int>(capacity);
    auto counted = make_chan<int>();
    go([=] {
      int ones = 0;
      for (int i = 0; i < n; ++i) {
        yield();
        ones += *c.recv();
      }
      counted << ones;
    });
    for (int i = 0; i < n; ++i) select(on_send(c, 1), on_send(c, 0));
    const int ones = *counted.recv();
    EXPECT_GT(ones, n / 10);
    EXPECT_LT(ones, n - n / 10);
  }
}

// Woken through one channel, a goroutine leaves the queues of the others, also one in which it stands twice.
TEST(selects, may_wait_twice_at_one_channel) {
  auto c = make_chan<int>(), d = make_chan<int>(), e = make_chan<int>();
  go(go_options{.name = "a"}, [=] {
    select(on_recv(c), on_recv(c), on_recv(d));
    e << 9;
  });
  conformance::until_parked("a");
  go(go_options{.name = "b"}, [=] { e << *c.recv(); });
  conformance::until_parked("b");
  d << 7;
  EXPECT_EQ(e.recv(), 9);
  c << 8;
  EXPECT_EQ(e.recv(), 8);
}

// test/chan/select3.go: what blocks, what does not, what panics.
TEST(selects, block_exactly_when_nothing_can_be_done) {
  const chan<int> nil;
  const auto closed = make_chan<int>(), never = make_chan<int>();
  closed.close();
  const auto with_room = [] { return make_chan<int>(1); };
  const auto with_value = [] {
    auto c = make_chan<int>(1);
    c << 7;
    return c;
  };
  EXPECT_EQ(outcome_of([=] { nil << 7; }), outcome::blocks);
  EXPECT_EQ(outcome_of([=] { nil.recv(); }), outcome::blocks);
  EXPECT_EQ(outcome_of([=] { for (int v : nil) (void)v; }), outcome::blocks);
  EXPECT_EQ(outcome_of([=] { select(on_send(nil, 7), on_default()); }), outcome::returns);
  EXPECT_EQ(outcome_of([=] { select(on_recv(nil), on_default()); }), outcome::returns);
  EXPECT_EQ(outcome_of([=] { with_room() << 7; }), outcome::returns);
  EXPECT_EQ(outcome_of([=] { for (int i = 0; i < 10; ++i) closed.recv(); }), outcome::returns);
  EXPECT_EQ(outcome_of([=] { closed << 7; }), outcome::panics);
  EXPECT_EQ(outcome_of([=] { never.recv(); }), outcome::blocks);
  EXPECT_EQ(outcome_of([] { select(); }), outcome::blocks);
  EXPECT_EQ(outcome_of([=] { select(on_recv(nil)); }), outcome::blocks);
  EXPECT_EQ(outcome_of([=] { select(on_send(nil, 7)); }), outcome::blocks);
  EXPECT_EQ(outcome_of([=] { select(on_recv(nil), on_send(nil, 7)); }), outcome::blocks);
  EXPECT_EQ(outcome_of([=] { select(on_recv(never)); }), outcome::blocks);
  EXPECT_EQ(outcome_of([] { select(on_default()); }), outcome::returns);
  EXPECT_EQ(outcome_of([=] { EXPECT_EQ(select(on_send(with_room(), 7), on_default()), 0u); }), outcome::returns);
  EXPECT_EQ(outcome_of([=] { EXPECT_EQ(select(on_recv(with_value()), on_default()), 0u); }), outcome::returns);
  EXPECT_EQ(outcome_of([=] { select(on_recv(closed)); }), outcome::returns);
  EXPECT_EQ(outcome_of([=] { select(on_recv(closed, [](std::optional<int> v) { EXPECT_FALSE(v); })); }), outcome::returns);
  EXPECT_EQ(outcome_of([=] { select(on_send(closed, 7)); }), outcome::panics);
  EXPECT_EQ(outcome_of([=] { select(on_send(closed, 7), on_recv(nil)); }), outcome::panics);
  const auto own = make_chan<int>();
  EXPECT_EQ(outcome_of([=] { select(on_send(own, 1), on_recv(own)); }), outcome::blocks);
}

// test/chan/select.go: a counter that two receivers ask for numbers, switched off by a nil channel.
TEST(selects, leave_out_what_is_nil) {
  auto a = make_chan<int>(100), b = make_chan<int>(100);
  int calls = 0;
  for (int i = 0; i < 8; ++i) {
    auto first = a, second = b;
    if (i % 2 == 0) first = {};
    else second = {};
    const std::size_t k = select(on_send(first, i), on_send(second, i), on_recv(chan<int>(), [&](auto) { ++calls; }));
    EXPECT_EQ(k, i % 2 == 0 ? 1u : 0u);
  }
  EXPECT_EQ(a.len(), 4u);
  EXPECT_EQ(b.len(), 4u);
  EXPECT_EQ(calls, 0);
}

// test/chan/select6.go: a case that lost leaves nothing in the queue of its channel.
TEST(selects, leave_the_queues_of_the_cases_they_did_not_take) {
  auto c1 = make_chan<bool>(), c2 = make_chan<bool>(), c3 = make_chan<bool>(), c4 = make_chan<bool>();
  go(go_options{.name = "receiver"}, [=] { c1.recv(); });
  conformance::until_parked("receiver");
  go(go_options{.name = "selecting"}, [=] {
    select(on_recv(c1), on_recv(c2));
    c3 << true;
  });
  conformance::until_parked("selecting");
  c2 << true;
  EXPECT_EQ(c3.recv(), true);
  go(go_options{.name = "last"}, [=] {
    c1.recv();
    c4 << true;
  });
  conformance::until_parked("last");
  c1 << true;  // the receiver that came first
  c1 << true;  // the last one, not the select that is gone
  EXPECT_EQ(c4.recv(), true);
}

// test/chan/doubleselect.go: a value is sent by one select through one channel, never through two.
TEST(selects, send_a_value_once) {
  constexpr int values = 20'000;
  std::array<chan<int>, 4> c{make_chan<int>(), make_chan<int>(), make_chan<int>(), make_chan<int>()};
  auto sums = make_chan<std::vector<int>>();
  go([=] {
    for (int i = 0; i < values; ++i) select(on_send(c[0], i), on_send(c[1], i), on_send(c[2], i), on_send(c[3], i));
    for (const auto& one : c) one.close();
  });
  for (const auto& one : c)
    go([=] {
      std::vector<int> got;
      for (int v : one) got.push_back(v);
      sums << std::move(got);
    });
  std::vector<int> times(values);
  for (std::size_t i = 0; i < c.size(); ++i) {
    const auto got = *sums.recv();
    for (int v : got) ++times[static_cast<std::size_t>(v)];
  }
  for (int i = 0; i < values; ++i) ASSERT_EQ(times[static_cast<std::size_t>(i)], 1) << i;
}

// test/chan/select5.go: operands are evaluated once each, in the order of the text, whichever case is taken.
TEST(selects, evaluate_their_operands_once_and_before_they_wait) {
  std::vector<std::string> order;
  auto c = make_chan<int>(1);
  const auto channel = [&](const char* name, const chan<int>& which) {
    order.emplace_back(name);
    return which;
  };
  const auto value = [&](int v) {
    order.emplace_back("value");
    return v;
  };
  select_case cases[] = {on_recv(channel("first", {})), on_send(channel("second", c), value(5)), on_recv(channel("third", {}))};
  EXPECT_EQ(select(cases), 1u);
  EXPECT_EQ(order.size(), 4u);
  EXPECT_EQ(order.front(), "first");
  EXPECT_EQ(order.back(), "third");
  EXPECT_EQ(c.recv(), 5);
}

// test/chan/select2.go asks that waiting selects keep no memory; here that a hundred thousand of them leave no queue behind them.
TEST(selects, that_lose_a_hundred_thousand_times_leave_the_channel_usable) {
  auto idle = make_chan<int>(), busy = make_chan<int>();
  go([=] {
    for (int i = 0; i < 100'000; ++i) busy << i;
    busy.close();
  });
  int received = 0;
  for (bool open = true; open;) select(on_recv(idle), on_recv(busy, [&](std::optional<int> v) { v ? void(++received) : void(open = false); }));
  EXPECT_EQ(received, 100'000);
  EXPECT_FALSE(idle.try_send(1)) << "a receiver that left still waits";
  EXPECT_EQ(outcome_of([=] { idle << 1; }), outcome::blocks);
  EXPECT_EQ(idle.recv(), 1);
}

}  // namespace
