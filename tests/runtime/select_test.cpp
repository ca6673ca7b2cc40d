#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <ravel/ravel.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "allocations.hpp"

namespace {

TEST(select, takes_the_ready_case_and_returns_its_index) {
  auto a = ravel::make_chan<int>(1), b = ravel::make_chan<int>(1);
  b << 9;
  int got = 0;
  EXPECT_EQ(ravel::select(ravel::on_recv(a), ravel::on_recv(b, [&](std::optional<int> v) { got = *v; })), 1u);
  EXPECT_EQ(got, 9);
}

TEST(select, default_runs_when_nothing_is_ready_and_nil_never_is) {
  auto a = ravel::make_chan<int>();
  bool ran = false;
  EXPECT_EQ(ravel::select(ravel::on_recv(a), ravel::on_recv(ravel::chan<int>()), ravel::on_default([&] { ran = true; })), 2u);
  EXPECT_TRUE(ran);
}

TEST(select, sends) {
  auto a = ravel::make_chan<int>(1);
  EXPECT_EQ(ravel::select(ravel::on_send(a, 4)), 0u);
  EXPECT_EQ(a.recv(), 4);
}

TEST(select, send_on_a_closed_channel_panics) {
  auto a = ravel::make_chan<int>(1);
  a.close();
  EXPECT_THROW(ravel::select(ravel::on_send(a, 4)), ravel::panic_error);
}

TEST(select, receives_nothing_from_a_closed_channel) {
  auto a = ravel::make_chan<int>();
  a.close();
  bool closed = false;
  ravel::select(ravel::on_recv(a, [&](std::optional<int> v) { closed = !v; }));
  EXPECT_TRUE(closed);
}

TEST(select, blocks_until_a_case_is_ready) {
  auto a = ravel::make_chan<int>(), b = ravel::make_chan<int>();
  ravel::go([=] { b << 3; });
  EXPECT_EQ(ravel::select(ravel::on_recv(a), ravel::on_recv(b)), 1u);
}

TEST(select, chooses_among_ready_cases_at_random) {
  auto a = ravel::make_chan<int>(1000), b = ravel::make_chan<int>(1000);
  for (int i = 0; i < 1000; ++i) { a << i; b << i; }
  int first = 0;
  for (int i = 0; i < 1000; ++i) first += ravel::select(ravel::on_recv(a), ravel::on_recv(b)) == 0;
  EXPECT_GT(first, 300);
  EXPECT_LT(first, 700);
}

TEST(select, takes_cases_built_at_run_time) {
  std::vector<ravel::chan<int>> channels;
  std::vector<ravel::select_case> cases;
  for (int i = 0; i < 5; ++i) channels.push_back(ravel::make_chan<int>(1));
  channels[3] << 1;
  for (auto& c : channels) cases.emplace_back(ravel::on_recv(c));
  EXPECT_EQ(ravel::select(std::span(cases)), 3u);
}

TEST(select, both_sides_selecting_meet) {
  auto a = ravel::make_chan<int>(), b = ravel::make_chan<int>();
  auto done = ravel::make_chan<int>(2);
  auto side = [=](bool sends) {
    int n = 0;
    for (int i = 0; i < 20000; ++i) {
      if (sends) ravel::select(ravel::on_send(a, i, [&] { ++n; }), ravel::on_send(b, i, [&] { ++n; }));
      else ravel::select(ravel::on_recv(a, [&] { ++n; }), ravel::on_recv(b, [&] { ++n; }));
    }
    done << n;
  };
  ravel::go(side, true);
  ravel::go(side, false);
  EXPECT_EQ(*done.recv() + *done.recv(), 40000);
}

TEST(select, has_the_same_channel_in_two_cases) {
  auto a = ravel::make_chan<int>(), done = ravel::make_chan<int>();
  ravel::go([=] {
    int first = 0;
    for (int i = 0; i < 2000; ++i) first += ravel::select(ravel::on_recv(a), ravel::on_recv(a)) == 0;
    done << first;
  });
  for (int i = 0; i < 2000; ++i) a << i;
  const int first = *done.recv();
  EXPECT_GE(first, 0);
  EXPECT_EQ(a.len(), 0u);
  a.close();
  EXPECT_FALSE(a.recv().has_value());
}

TEST(select, cannot_be_its_own_partner) {
  auto a = ravel::make_chan<int>();
  EXPECT_EQ(ravel::select(ravel::on_recv(a), ravel::on_send(a, 1), ravel::on_default()), 2u);
}

TEST(select, keeps_a_value_that_was_not_sent) {
  auto full = ravel::make_chan<std::unique_ptr<int>>(1), other = ravel::make_chan<std::unique_ptr<int>>(1);
  full << std::make_unique<int>(1);
  auto send = ravel::on_send(full, std::make_unique<int>(2));
  EXPECT_EQ(ravel::select(send, ravel::on_default()), 1u);
  EXPECT_EQ(**full.recv(), 1);
  EXPECT_EQ(ravel::select(send, ravel::on_default()), 0u);
  EXPECT_EQ(**full.recv(), 2);
  EXPECT_THROW(ravel::select(send, ravel::on_default()), ravel::panic_error);
}

TEST(select, destroys_the_values_of_all_cases_once) {
  auto alive = std::make_shared<int>(0);
  auto a = ravel::make_chan<std::shared_ptr<int>>(1), b = ravel::make_chan<std::shared_ptr<int>>(1);
  ravel::select(ravel::on_send(a, alive), ravel::on_send(b, alive));
  EXPECT_EQ(alive.use_count(), 2);
  ravel::select(ravel::on_recv(a), ravel::on_recv(b));
  EXPECT_EQ(alive.use_count(), 1);
  a.close();
  EXPECT_THROW(ravel::select(ravel::on_send(a, alive)), ravel::panic_error);
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(select, lets_an_exception_of_the_function_out) {
  auto a = ravel::make_chan<std::string>(2);
  a << "one" << "two";
  EXPECT_THROW(ravel::select(ravel::on_recv(a, [](std::optional<std::string>) { throw std::runtime_error("x"); })), std::runtime_error);
  EXPECT_EQ(a.recv(), "two");
  EXPECT_THROW(ravel::select(ravel::on_send(a, "three", [] { throw std::runtime_error("x"); })), std::runtime_error);
  EXPECT_EQ(a.recv(), "three");
}

TEST(select, a_run_time_case_keeps_its_channel) {
  std::vector<ravel::select_case> cases;
  {
    auto c = ravel::make_chan<std::string>(1);
    c << "kept";
    cases.emplace_back(ravel::on_recv(c, [](std::optional<std::string> v) { EXPECT_EQ(v, "kept"); }));
  }
  EXPECT_EQ(ravel::select(std::span(cases)), 0u);
}

TEST(select, of_more_cases_than_fit_on_the_stack_waits_for_each) {
  std::vector<ravel::chan<int>> channels;
  for (int i = 0; i < 40; ++i) channels.push_back(ravel::make_chan<int>());
  std::vector<ravel::select_case> cases;
  for (auto& c : channels) cases.emplace_back(ravel::on_recv(c));
  for (std::size_t i = 0; i < 40; ++i) {
    ravel::go([=] { channels[i] << 1; });
    EXPECT_EQ(ravel::select(std::span(cases)), i);
  }
}

TEST(select, allocates_nothing) {
  if (!allocations_are_counted) GTEST_SKIP();
  auto a = ravel::make_chan<int>(1), b = ravel::make_chan<int>(1);
  const auto turn = [&] {
    ravel::select(ravel::on_send(a, 1), ravel::on_recv(b));
    ravel::select(ravel::on_recv(a), ravel::on_recv(b), ravel::on_recv(b), ravel::on_recv(b), ravel::on_recv(b), ravel::on_recv(b),
                  ravel::on_recv(b), ravel::on_recv(b));
    ravel::select(ravel::on_recv(a), ravel::on_recv(b), ravel::on_default());
  };
  turn();
  const long before = allocations_here();
  for (int i = 0; i < 10; ++i) turn();
  EXPECT_EQ(allocations_here(), before);
}

TEST(select, closing_a_channel_wakes_every_waiting_select) {
  auto stop = ravel::make_chan<ravel::unit>(), never = ravel::make_chan<ravel::unit>();
  auto woken = ravel::make_chan<std::size_t>(50);
  for (int i = 0; i < 50; ++i) ravel::go([=] { woken << ravel::select(ravel::on_recv(never), ravel::on_recv(stop), ravel::on_send(never, {})); });
  for (int i = 0; i < 100; ++i) ravel::yield();
  std::size_t pairs = 0, stopped = 0;
  stop.close();
  for (int i = 0; i < 50; ++i) (*woken.recv() == 1 ? stopped : pairs) += 1;
  EXPECT_EQ(pairs % 2, 0u);  // those that met each other on `never`
  EXPECT_EQ(pairs + stopped, 50u);
}

TEST(select, ten_selects_in_a_ring_lose_and_invent_nothing) {
  constexpr int n = 10, rounds = 2000;
  std::vector<ravel::chan<int>> ring;
  for (int i = 0; i < n; ++i) ring.push_back(ravel::make_chan<int>(i % 3));
  auto stop = ravel::make_chan<ravel::unit>();
  auto sums = ravel::make_chan<std::pair<long, long>>(n);
  for (int i = 0; i < n; ++i) {
    ravel::go([=] {
      long in = 0, out = 0;
      int sent = 0;
      for (bool stopped = false; !stopped;) {
        auto& next = ring[static_cast<std::size_t>((i + 1) % n)];
        auto target = sent < rounds ? next : ravel::chan<int>();
        ravel::select(ravel::on_send(target, sent, [&] { out += sent++; }),
                      ravel::on_recv(ring[static_cast<std::size_t>(i)], [&](std::optional<int> v) { in += *v; }),
                      ravel::on_recv(stop, [&] { stopped = true; }));
        if (sent == rounds && in == static_cast<long>(rounds) * (rounds - 1) / 2) break;
      }
      sums << std::pair(in, out);
    });
  }
  long in = 0, out = 0;
  for (int i = 0; i < n; ++i) {
    const auto s = *sums.recv();
    in += s.first;
    out += s.second;
  }
  EXPECT_EQ(in, out);
  EXPECT_EQ(in, n * static_cast<long>(rounds) * (rounds - 1) / 2);
}

}  // namespace
