#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <ravel/ravel.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace context = ravel::context;
using ravel::make_chan;
using ravel::unit;

bool is_done(const context::context& c) {
  unit u;
  return c.done().try_recv(u) == ravel::recv_status::closed;
}

TEST(context, background_never_ends) {
  for (const auto& c : {context::background(), context::todo(), context::context()}) {
    EXPECT_FALSE(c.done());
    EXPECT_FALSE(c.err());
    EXPECT_FALSE(context::cause(c));
    EXPECT_FALSE(c.deadline());
    EXPECT_EQ(c.value<int>("key"), nullptr);
  }
  EXPECT_EQ(context::background(), context::context());
  EXPECT_FALSE(context::background() == context::todo());
}

TEST(context, cancel_ends_it_and_all_below_but_not_above) {
  auto [top, cancel_top] = context::with_cancel(context::background());
  auto [middle, cancel_middle] = context::with_cancel(context::with_value(top, "a", 1));
  auto [low, cancel_low] = context::with_cancel(middle);
  const auto d = low.done();
  EXPECT_FALSE(is_done(low));
  EXPECT_FALSE(low.err());
  cancel_middle();
  cancel_middle();
  EXPECT_FALSE(d.recv().has_value());
  EXPECT_TRUE(is_done(middle));
  EXPECT_EQ(low.err(), context::errc::canceled);
  EXPECT_EQ(context::cause(low), context::errc::canceled);
  EXPECT_FALSE(top.err());
  cancel_low();
  cancel_top();
  EXPECT_EQ(top.err(), context::errc::canceled);
}

TEST(context, child_of_an_ended_one_has_ended) {
  auto [parent, cancel] = context::with_cancel_cause(context::background());
  cancel(std::make_error_code(std::errc::io_error));
  auto [child, cancel_child] = context::with_cancel(parent);
  EXPECT_TRUE(is_done(child));
  EXPECT_EQ(child.err(), context::errc::canceled);
  EXPECT_EQ(context::cause(child), std::errc::io_error);
  cancel_child();
  EXPECT_EQ(context::cause(child), std::errc::io_error);
}

TEST(context, done_is_one_channel_however_often_asked) {
  auto [c, cancel] = context::with_cancel(context::background());
  EXPECT_EQ(c.done(), c.done());
  cancel();
  EXPECT_TRUE(is_done(c));
}

TEST(context, errors_have_names_and_portable_conditions) {
  const std::error_code canceled = context::errc::canceled, late = context::errc::deadline_exceeded;
  EXPECT_STREQ(canceled.category().name(), "ravel.context");
  EXPECT_EQ(canceled.message(), "context canceled");
  EXPECT_EQ(late.message(), "context deadline exceeded");
  EXPECT_EQ(canceled, std::errc::operation_canceled);
  EXPECT_EQ(late, std::errc::timed_out);
  EXPECT_NE(canceled, late);
}

TEST(context, first_cause_stays) {
  auto [c, cancel] = context::with_cancel_cause(context::background());
  EXPECT_FALSE(context::cause(c));
  auto [below, cancel_below] = context::with_cancel_cause(c);
  cancel_below(std::make_error_code(std::errc::timed_out));
  cancel(std::make_error_code(std::errc::io_error));
  cancel();
  EXPECT_EQ(c.err(), context::errc::canceled);
  EXPECT_EQ(context::cause(c), std::errc::io_error);
  EXPECT_EQ(context::cause(below), std::errc::timed_out);
  auto [plain, cancel_plain] = context::with_cancel_cause(context::background());
  cancel_plain();
  EXPECT_EQ(context::cause(plain), context::errc::canceled);
}

TEST(context, timeout_ends_it) {
  auto [c, cancel] = context::with_timeout(context::background(), 1ms);
  ASSERT_TRUE(c.deadline());
  EXPECT_FALSE(c.done().recv().has_value());
  EXPECT_EQ(c.err(), context::errc::deadline_exceeded);
  EXPECT_EQ(context::cause(c), context::errc::deadline_exceeded);
  cancel();
  EXPECT_EQ(c.err(), context::errc::deadline_exceeded);
  auto [why, cancel_why] = context::with_timeout(context::background(), 1ms, std::make_error_code(std::errc::io_error));
  why.done().recv();
  EXPECT_EQ(context::cause(why), std::errc::io_error);
}

TEST(context, timeout_that_is_over_ends_it_at_once) {
  auto [c, cancel] = context::with_timeout(context::background(), -1s);
  EXPECT_EQ(c.err(), context::errc::deadline_exceeded);
  EXPECT_TRUE(is_done(c));
}

TEST(context, sooner_deadline_above_wins) {
  const auto soon = ravel::clock::now() + 1h, later = soon + 1h;
  auto [parent, cancel_parent] = context::with_deadline(context::background(), soon);
  auto [child, cancel_child] = context::with_deadline(parent, later);
  EXPECT_EQ(child.deadline(), soon);
  auto [sooner, cancel_sooner] = context::with_deadline(parent, soon - 1min);
  EXPECT_EQ(sooner.deadline(), soon - 1min);
  EXPECT_EQ(context::with_value(sooner, 1, 2).deadline(), soon - 1min);
  cancel_parent();
  EXPECT_EQ(child.err(), context::errc::canceled);
  EXPECT_EQ(sooner.err(), context::errc::canceled);
}

struct user_key {};
struct other_key {};
enum class colour { red, green };

TEST(context, values_are_found_by_key_and_type) {
  const auto a = context::with_value(context::background(), user_key{}, std::string("ann"));
  const auto b = context::with_value(a, "depth", 3);
  const auto c = context::with_value(b, "depth", 4);
  const auto d = context::with_value(c, colour::green, "leaf");
  EXPECT_EQ(*d.value<std::string>(user_key{}), "ann");
  EXPECT_EQ(*d.value<int>("depth"), 4);
  EXPECT_EQ(*d.value<int>(std::string("depth")), 4);
  EXPECT_EQ(*b.value<int>("depth"), 3);
  EXPECT_EQ(*d.value<std::string>(colour::green), "leaf");
  EXPECT_EQ(d.value<std::string>(colour::red), nullptr);
  EXPECT_EQ(d.value<std::string>(other_key{}), nullptr);
  EXPECT_EQ(d.value<long>("depth"), nullptr);
  EXPECT_EQ(a.value<int>("depth"), nullptr);
  const auto e = context::with_value(d, 7, std::make_unique<int>(8));
  EXPECT_EQ(**e.value<std::unique_ptr<int>>(7), 8);
}

TEST(context, without_cancel_keeps_values_alone) {
  auto [parent, cancel] = context::with_timeout(context::with_value(context::background(), "k", 1), 1h);
  const auto c = context::without_cancel(parent);
  cancel();
  EXPECT_FALSE(c.err());
  EXPECT_FALSE(c.done());
  EXPECT_FALSE(c.deadline());
  EXPECT_EQ(*c.value<int>("k"), 1);
}

TEST(context, after_func_runs_once_in_its_own_goroutine) {
  auto [c, cancel] = context::with_cancel(context::background());
  auto ran = make_chan<std::uint64_t>(2);
  const auto stop = context::after_func(context::with_value(c, 1, 1), [ran] { ran << ravel::this_goroutine_id(); });
  EXPECT_EQ(ran.len(), 0u);
  cancel();
  EXPECT_NE(*ran.recv(), ravel::this_goroutine_id());
  EXPECT_FALSE(stop());
  cancel();
  context::after_func(c, [ran] { ran << 0; });
  EXPECT_EQ(ran.recv(), 0u);
}

TEST(context, after_func_can_be_stopped_once) {
  auto [c, cancel] = context::with_cancel(context::background());
  auto held = std::make_shared<int>(0);
  bool ran = false;
  const auto stop = context::after_func(c, [&ran, held] { ran = true; });
  EXPECT_EQ(held.use_count(), 2);
  EXPECT_TRUE(stop());
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(stop());
  cancel();
  for (int i = 0; i < 100; ++i) ravel::yield();
  EXPECT_FALSE(ran);
  EXPECT_TRUE(context::after_func(context::background(), [] {})());
}

// What a context holds tells when it is gone.
std::weak_ptr<int> watched(context::context& c) {
  auto p = std::make_shared<int>(0);
  c = context::with_value(c, "watched", p);
  return p;
}

TEST(context, is_gone_with_its_last_handle) {
  auto [root, cancel_root] = context::with_cancel(context::background());
  std::weak_ptr<int> seen;
  {
    context::context c = root;
    seen = watched(c);
    auto [low, cancel_low] = context::with_cancel(c);
    EXPECT_FALSE(seen.expired());
  }
  EXPECT_TRUE(seen.expired());
  {
    context::context c = root;
    seen = watched(c);
    auto [low, cancel_low] = context::with_timeout(c, 1h);
    cancel_low();
  }
  EXPECT_TRUE(seen.expired());
}

TEST(context, whose_done_is_held_still_ends_with_its_parent) {
  auto [root, cancel_root] = context::with_cancel(context::background());
  ravel::recv_chan<unit> d;
  {
    auto [middle, cancel_middle] = context::with_cancel(root);
    auto [low, cancel_low] = context::with_cancel(middle);
    d = low.done();
  }
  unit u;
  EXPECT_EQ(d.try_recv(u), ravel::recv_status::empty);
  cancel_root();
  EXPECT_FALSE(d.recv().has_value());
}

TEST(context, after_func_runs_though_nobody_holds_the_context) {
  auto [root, cancel_root] = context::with_cancel(context::background());
  auto ran = make_chan<int>();
  {
    auto [low, cancel_low] = context::with_cancel(root);
    context::after_func(low, [ran] { ran << 1; });
  }
  cancel_root();
  EXPECT_EQ(ran.recv(), 1);
}

TEST(context, functions_that_can_never_run_are_destroyed) {
  auto held = std::make_shared<int>(0);
  {
    auto [root, cancel_root] = context::with_cancel(context::background());
    auto [low, cancel_low] = context::with_cancel(root);
    context::after_func(low, [held] {});
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(context, a_long_chain_ends_and_goes_without_deep_stacks) {
  auto done = make_chan<bool>();
  ravel::go(ravel::go_options{.stack_size = 64 << 10}, [done] {
    auto [root, cancel] = context::with_cancel(context::background());
    context::context c = root;
    for (int i = 0; i < 20000; ++i) c = context::with_cancel(c).ctx;
    const auto d = c.done();
    cancel();
    const bool ended = !d.recv().has_value() && c.err();
    c = {};
    done << ended;
  });
  EXPECT_EQ(done.recv(), true);
}

TEST(context, ten_thousand_children_end_with_their_parent) {
  auto [root, cancel] = context::with_cancel(context::background());
  std::vector<context::cancellable> children;
  for (int i = 0; i < 10000; ++i) children.push_back(context::with_cancel(root));
  ravel::wait_group wg;
  for (int i = 0; i < 100; ++i) wg.go([d = children[static_cast<std::size_t>(i)].ctx.done()] { d.recv(); });
  cancel();
  for (auto& c : children) ASSERT_EQ(c.ctx.err(), context::errc::canceled);
  wg.wait();
}

TEST(context, goroutines_may_join_leave_and_cancel_at_once) {
  for (int round = 0; round < 1000; ++round) {
    auto [root, cancel] = context::with_cancel(context::background());
    std::atomic<int> ended = 0, ran = 0, stopped = 0;
    {
      ravel::wait_group wg;
      for (int g = 0; g < 8; ++g) {
        wg.go([&, root, g] {
          auto [c, cancel_c] = context::with_cancel(root);
          const auto stop = context::after_func(c, [&] { ++ran; });
          auto low = context::with_cancel(c).ctx;
          const auto d = low.done();
          low = {};
          if (g == 3) ravel::yield();
          if (g % 4 == 0) stopped += stop();
          if (g % 2 == 0) cancel_c();
          d.recv();
          ended += c.err() == context::errc::canceled;
        });
      }
      wg.go([cancel] { cancel(); });
      wg.go([cancel] { ravel::yield(); cancel(); });
      wg.wait();
    }
    ASSERT_EQ(ended, 8);
    while (ran + stopped < 8) ravel::yield();
    ASSERT_EQ(ran + stopped, 8);
  }
}

// The last handle goes at the very moment in which the parent ends.
TEST(context, let_go_of_while_its_parent_ends_still_closes_done) {
  for (int round = 0; round < 3000; ++round) {
    auto [parent, cancel] = context::with_cancel(context::background());
    auto low = context::with_cancel(parent).ctx;
    const auto d = low.done();
    std::atomic<int> ready = 0;
    const auto meet = [&ready] { ++ready; for (int i = 0; ready < 2 && i < 1000; ++i) if (i % 100 == 99) ravel::yield(); };
    ravel::wait_group wg;
    wg.go([&] { meet(); low = {}; });
    wg.go([&, cancel = cancel] { meet(); cancel(); });
    wg.wait();
    ASSERT_FALSE(d.recv().has_value());
  }
}

TEST(context, serves_foreign_threads) {
  EXPECT_EQ(ravel::this_goroutine_id(), 1u);
  auto [c, cancel] = context::with_cancel(context::background());
  std::thread t([c] { c.done().recv(); EXPECT_TRUE(c.err()); });
  cancel();
  t.join();
}

}  // namespace
