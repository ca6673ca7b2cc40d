// What Go's tests of package context fix (context_test.go of Go 1.19, and of 1.20 and 1.21 for causes, AfterFunc and WithoutCancel).

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "outcome.hpp"

namespace {

using namespace ravel;
using namespace std::chrono_literals;
using conformance::outcome;
using conformance::outcome_of;
namespace ctxs = ravel::context;

bool ended(const ctxs::context& c) {
  return select(on_recv(c.done()), on_default()) == 0;
}

TEST(contexts, roots_never_end_and_hold_nothing) {
  for (const ctxs::context& c : {ctxs::background(), ctxs::todo()}) {
    EXPECT_EQ(outcome_of([c] { c.done().recv(); }), outcome::blocks);
    EXPECT_FALSE(c.err());
    EXPECT_FALSE(c.deadline());
    EXPECT_EQ(c.value<int>(1), nullptr);
  }
}

TEST(contexts, canceled_twice_stay_canceled) {
  auto [c, cancel] = ctxs::with_cancel(ctxs::background());
  EXPECT_FALSE(ended(c));
  EXPECT_FALSE(c.err());
  for (int i = 0; i < 2; ++i) {
    cancel();
    EXPECT_TRUE(ended(c));
    EXPECT_EQ(c.err(), ctxs::errc::canceled);
  }
  EXPECT_EQ(c.err().message(), "context canceled");
  EXPECT_EQ(make_error_code(ctxs::errc::deadline_exceeded).message(), "context deadline exceeded");
}

TEST(contexts, of_a_family_end_downwards) {
  auto [parent, cancel_parent] = ctxs::with_cancel(ctxs::background());
  auto [child, cancel_child] = ctxs::with_cancel(parent);
  const auto value_of_child = ctxs::with_value(child, "key", 1);
  auto [timer_child, stop_timer] = ctxs::with_timeout(value_of_child, 10h);
  auto [sibling, cancel_sibling] = ctxs::with_cancel(parent);
  cancel_child();
  for (const auto& c : {child, value_of_child, timer_child}) {
    EXPECT_TRUE(ended(c));
    EXPECT_EQ(c.err(), ctxs::errc::canceled);
  }
  EXPECT_FALSE(ended(parent));
  EXPECT_FALSE(ended(sibling));
  cancel_parent();
  EXPECT_TRUE(ended(parent));
  EXPECT_TRUE(ended(sibling));
  auto [late, cancel_late] = ctxs::with_cancel(parent);
  EXPECT_TRUE(ended(late)) << "a child of an ended one has ended";
  EXPECT_EQ(late.err(), ctxs::errc::canceled);
}

TEST(contexts, with_deadlines_end_by_themselves_the_soonest_first) {
  const auto soon = clock::now() + 5ms;
  auto [c, cancel] = ctxs::with_deadline(ctxs::background(), soon);
  EXPECT_EQ(c.deadline(), soon);
  auto [later, cancel_later] = ctxs::with_deadline(c, soon + 1h);
  EXPECT_EQ(later.deadline(), soon) << "a child cannot live longer";
  later.done().recv();
  EXPECT_EQ(c.err(), ctxs::errc::deadline_exceeded);
  EXPECT_EQ(later.err(), ctxs::errc::deadline_exceeded);
  EXPECT_TRUE(later.err() == std::errc::timed_out);

  auto [over, cancel_over] = ctxs::with_deadline(ctxs::background(), clock::now() - 1s);
  EXPECT_TRUE(ended(over));
  EXPECT_EQ(over.err(), ctxs::errc::deadline_exceeded);

  auto [stopped, stop] = ctxs::with_timeout(ctxs::background(), 1h);
  stop();
  EXPECT_TRUE(ended(stopped));
  EXPECT_EQ(stopped.err(), ctxs::errc::canceled);
}

struct key1 {};
struct key2 {
  int n;
  bool operator==(const key2&) const = default;
};

TEST(contexts, find_values_by_type_and_equality_of_keys) {
  const auto c1 = ctxs::with_value(ctxs::background(), key1{}, "c1k1");
  const auto c2 = ctxs::with_value(c1, key2{3}, "c2k2");
  const auto c3 = ctxs::with_value(c2, key2{4}, "c3k3");
  auto [c4, cancel] = ctxs::with_cancel(c3);
  const auto text = [](const ctxs::context& c, const auto& key) {
    const std::string* v = c.value<std::string>(key);
    return v == nullptr ? std::string("nothing") : *v;
  };
  EXPECT_EQ(text(c1, key1{}), "c1k1");
  EXPECT_EQ(text(c1, key2{3}), "nothing");
  EXPECT_EQ(text(c3, key2{3}), "c2k2");
  EXPECT_EQ(text(c4, key2{4}), "c3k3");
  EXPECT_EQ(text(c4, key1{}), "c1k1");
  EXPECT_EQ(text(c4, 3), "nothing") << "an equal number of another type is another key";
  const auto hides = ctxs::with_value(c4, key1{}, "nearer");
  EXPECT_EQ(text(hides, key1{}), "nearer");
  EXPECT_EQ(text(c4, key1{}), "c1k1");
}

TEST(contexts, may_be_canceled_by_many_at_once) {
  auto [root, cancel_root] = ctxs::with_cancel(ctxs::background());
  std::vector<ctxs::cancellable> all;
  all.push_back(ctxs::with_cancel(root));
  for (std::size_t i = 0; i < 100; ++i) all.push_back(ctxs::with_cancel(all[i / 2].ctx));
  wait_group cancels;
  for (const auto& [c, cancel] : all) cancels.go([cancel = cancel] { cancel(); });
  for (const auto& [c, cancel] : all) c.done().recv();
  cancels.wait();
  for (const auto& [c, cancel] : all) EXPECT_EQ(c.err(), ctxs::errc::canceled);
}

TEST(contexts, interlocked_cancels_come_to_an_end) {
  auto [parent, cancel_parent] = ctxs::with_cancel(ctxs::background());
  auto [child, cancel_child] = ctxs::with_cancel(parent);
  wait_group both;
  both.go([=, c = parent, cancel = cancel_child] {
    c.done().recv();
    cancel();
  });
  cancel_parent();
  child.done().recv();
  both.wait();
}

// XTestLayers: random towers of contexts, canceled or timed out.
TEST(contexts, in_random_towers_see_the_end_and_the_values_below) {
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round)
    for (bool times_out : {false, true}) {
      std::vector<std::pair<int, int>> values;
      std::vector<ctxs::cancel_func> cancels;
      ctxs::context c = ctxs::background();
      int timers = 0;
      for (int level = 0; level < 30; ++level) {
        switch (random() % 3) {
          case 0: {
            auto [next, cancel] = ctxs::with_cancel(c);
            c = next;
            cancels.push_back(cancel);
            break;
          }
          case 1: {
            auto [next, cancel] = ctxs::with_timeout(c, times_out ? 1ms : std::chrono::milliseconds(1h));
            c = next;
            cancels.push_back(cancel);
            ++timers;
            break;
          }
          default:
            c = ctxs::with_value(c, level, level * 10);
            values.emplace_back(level, level * 10);
        }
      }
      for (auto [key, value] : values) {
        ASSERT_NE(c.value<int>(key), nullptr);
        ASSERT_EQ(*c.value<int>(key), value);
      }
      if (cancels.empty()) continue;
      if (times_out && timers > 0) {
        c.done().recv();
        ASSERT_EQ(c.err(), ctxs::errc::deadline_exceeded);
      } else {
        ASSERT_FALSE(c.err());
        cancels[random() % cancels.size()]();
        ASSERT_TRUE(ended(c));
        ASSERT_EQ(c.err(), ctxs::errc::canceled);
      }
      for (auto [key, value] : values) ASSERT_EQ(*c.value<int>(key), value) << "values outlive the end";
    }
}

TEST(contexts, keep_the_first_cause) {
  const auto cause1 = std::make_error_code(std::errc::io_error), cause2 = std::make_error_code(std::errc::bad_message);
  auto [parent, cancel_parent] = ctxs::with_cancel_cause(ctxs::background());
  auto [child, cancel_child] = ctxs::with_cancel_cause(parent);
  EXPECT_FALSE(ctxs::cause(child));
  cancel_parent(cause1);
  cancel_child(cause2);
  EXPECT_EQ(parent.err(), ctxs::errc::canceled);
  EXPECT_EQ(child.err(), ctxs::errc::canceled);
  EXPECT_EQ(ctxs::cause(parent), cause1);
  EXPECT_EQ(ctxs::cause(child), cause1) << "it ended with its parent";

  auto [own, cancel_own] = ctxs::with_cancel_cause(ctxs::background());
  cancel_own();
  EXPECT_EQ(ctxs::cause(own), ctxs::errc::canceled);
  auto [plain, cancel] = ctxs::with_cancel(ctxs::background());
  cancel();
  EXPECT_EQ(ctxs::cause(plain), ctxs::errc::canceled);
  auto [timed, stop] = ctxs::with_timeout(ctxs::background(), 0ns);
  EXPECT_EQ(ctxs::cause(timed), ctxs::errc::deadline_exceeded);
}

TEST(contexts, call_functions_after_their_end_unless_stopped) {
  auto [c, cancel] = ctxs::with_cancel(ctxs::background());
  auto called = make_chan<int>(4);
  ctxs::after_func(c, [=] { called << 1; });
  auto stop = ctxs::after_func(c, [=] { called << 2; });
  EXPECT_TRUE(stop());
  EXPECT_FALSE(stop());
  cancel();
  EXPECT_EQ(called.recv(), 1);
  auto late = ctxs::after_func(c, [=] { called << 3; });
  EXPECT_EQ(called.recv(), 3);
  EXPECT_FALSE(late());
  int v;
  EXPECT_EQ(called.try_recv(v), recv_status::empty);
}

TEST(contexts, without_cancel_keep_values_only) {
  auto [parent, cancel] = ctxs::with_timeout(ctxs::with_value(ctxs::background(), "k", 5), 1h);
  const auto c = ctxs::without_cancel(parent);
  cancel();
  EXPECT_FALSE(c.err());
  EXPECT_FALSE(c.deadline());
  EXPECT_EQ(*c.value<int>("k"), 5);
  EXPECT_EQ(outcome_of([c] { c.done().recv(); }), outcome::blocks);
}

}  // namespace
