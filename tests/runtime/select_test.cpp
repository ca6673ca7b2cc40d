#include <gtest/gtest.h>

#include <ravel/ravel.hpp>
#include <vector>

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

}  // namespace
