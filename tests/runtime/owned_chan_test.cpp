#include <gtest/gtest.h>

#include <ravel/ravel.hpp>
#include <stdexcept>
#include <type_traits>

namespace {

using ravel::make_owned_chan;
using ravel::owned_chan;
using ravel::recv_chan;

template <class C>
concept sends = requires(C& c) { c.send(1); };
template <class C>
concept closes = requires(C& c) { c.close(); };

// The rules that the compiler keeps.
static_assert(!std::is_copy_constructible_v<owned_chan<int>> && !std::is_copy_assignable_v<owned_chan<int>>);
static_assert(std::is_nothrow_move_constructible_v<owned_chan<int>>);
static_assert(sends<owned_chan<int>> && closes<owned_chan<int>>);
static_assert(!sends<recv_chan<int>> && !closes<recv_chan<int>>);
static_assert(!std::is_convertible_v<recv_chan<int>, ravel::send_chan<int>> && !std::is_convertible_v<recv_chan<int>, ravel::chan<int>>);
static_assert(!std::is_convertible_v<owned_chan<int>, ravel::chan<int>> && !std::is_convertible_v<owned_chan<int>, ravel::send_chan<int>>);

int sum(recv_chan<int> c) {
  int all = 0;
  for (int v : c) all += v;
  return all;
}

TEST(owned_chan, closes_when_its_owner_ends) {
  auto numbers = make_owned_chan<int>();
  const recv_chan<int> view = numbers.view();
  ravel::go([out = std::move(numbers)]() mutable {
    for (int i = 1; i <= 3; ++i) out << i;
  });
  EXPECT_EQ(sum(view), 6);
}

TEST(owned_chan, closes_when_its_owner_is_left_by_an_exception) {
  recv_chan<int> view;
  try {
    auto numbers = make_owned_chan<int>(1);
    view = numbers;
    numbers << 5;
    throw std::runtime_error("left");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(sum(view), 5);
}

TEST(owned_chan, a_move_hands_it_over) {
  auto first = make_owned_chan<int>(2);
  const recv_chan<int> view = first;
  owned_chan<int> second = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_FALSE(first.view());
  EXPECT_THROW(first.send(1), ravel::panic_error);
  EXPECT_THROW(first.close(), ravel::panic_error);
  {
    const owned_chan<int> dies = std::move(first);  // owns nothing, closes nothing
  }
  second << 1 << 2;
  EXPECT_EQ(second.len(), 2u);
  second.close();
  EXPECT_EQ(sum(view), 3);
}

TEST(owned_chan, is_closed_once) {
  auto c = make_owned_chan<int>(1);
  c.close();
  EXPECT_THROW(c.close(), ravel::panic_error);
  EXPECT_THROW(c.send(1), ravel::panic_error);
}

TEST(owned_chan, a_new_channel_closes_the_one_before) {
  auto c = make_owned_chan<int>();
  const recv_chan<int> before = c;
  c = make_owned_chan<int>(1);
  EXPECT_FALSE(before.recv());
  EXPECT_TRUE(c.try_send(1));
  EXPECT_FALSE(c.try_send(2));
}

TEST(owned_chan, in_a_select) {
  auto c = make_owned_chan<int>(1);
  const recv_chan<int> view = c;
  EXPECT_EQ(ravel::select(ravel::on_send(c, 7)), 0u);
  int got = 0;
  EXPECT_EQ(ravel::select(ravel::on_send(c, 8), ravel::on_recv(view, [&](std::optional<int> v) { got = *v; })), 1u);
  EXPECT_EQ(got, 7);
}

}  // namespace
