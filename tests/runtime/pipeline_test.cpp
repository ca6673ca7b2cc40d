#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <ravel/pipeline.hpp>
#include <ravel/ravel.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

std::vector<int> numbers(int n) {
  std::vector<int> v(static_cast<std::size_t>(n));
  std::iota(v.begin(), v.end(), 0);
  return v;
}
template <class T>
std::vector<T> all_of(ravel::recv_chan<T> c) {
  std::vector<T> v;
  for (T x : c) v.push_back(std::move(x));
  return v;
}

TEST(pipeline, passes_elements_through_stages) {
  ravel::pipeline p;
  const auto squares = p.map(p.from(numbers(100)), [](int n) { return n * n; });
  const auto text = p.map(p.filter(squares, [](int n) { return n % 2 == 0; }), [](int n) { return std::to_string(n); }, {.capacity = 8});
  const auto got = all_of(text);
  p.wait();
  ASSERT_EQ(got.size(), 50u);
  EXPECT_EQ(got.front(), "0");
  EXPECT_EQ(got.back(), std::to_string(98 * 98));
}

TEST(pipeline, several_workers_lose_and_invent_nothing) {
  ravel::pipeline p;
  auto got = all_of(p.map(p.from(numbers(1000)), [](int n) { if (n % 7 == 0) ravel::yield(); return n; }, {.workers = 5}));
  p.wait();
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, numbers(1000));
}

TEST(pipeline, ordered_stage_keeps_the_order_of_its_input) {
  for (std::size_t capacity : {0u, 3u}) {
    ravel::pipeline p;
    const auto out = p.map(p.from(numbers(1000)), [](int n) { for (int i = n % 13; i > 0; --i) ravel::yield(); return n; },
                           {.workers = 5, .capacity = capacity, .ordered = true});
    EXPECT_EQ(all_of(out), numbers(1000));
    p.wait();
  }
}

TEST(pipeline, ordered_filter_and_expand_keep_the_order) {
  ravel::pipeline p;
  const auto even = p.filter(p.from(numbers(200)), [](int n) { ravel::yield(); return n % 2 == 0; }, {.workers = 3, .ordered = true});
  const auto twice = p.expand(even, [](int n) { return std::vector<int>{n, n + 1}; }, {.workers = 3, .ordered = true});
  EXPECT_EQ(all_of(twice), numbers(200));
  p.wait();
}

TEST(pipeline, merge_split_and_broadcast) {
  ravel::pipeline p;
  auto parts = p.split(p.from(numbers(300)), 3);
  auto merged = p.merge(parts);
  auto copies = p.broadcast(merged, 2);
  long one = 0, two = 0;
  p.sink(copies[0], [&](int n) { one += n; });
  p.sink(copies[1], [&](int n) { two += n; });
  p.wait();
  EXPECT_EQ(one, 299 * 300 / 2);
  EXPECT_EQ(two, one);
  EXPECT_TRUE(all_of(p.merge(std::vector<ravel::recv_chan<int>>{})).empty());
}

TEST(pipeline, moves_what_cannot_be_copied) {
  ravel::pipeline p;
  const auto boxes = p.map(p.from(numbers(10)), [](int n) { return std::make_unique<int>(n); });
  long sum = 0;
  p.sink(p.filter(boxes, [](const std::unique_ptr<int>& n) { return *n > 4; }, {.workers = 2, .ordered = true}),
         [&](std::unique_ptr<int> n) { sum += *n; });
  p.wait();
  EXPECT_EQ(sum, 5 + 6 + 7 + 8 + 9);
}

// A source that never ends by itself shows that every stage was told.
ravel::recv_chan<int> endless(ravel::pipeline& p) {
  return p.source<int>([](auto& emit) { for (int i = 0; emit(i); ++i) {} });
}

TEST(pipeline, first_exception_ends_all_stages_and_is_thrown_by_wait) {
  for (bool ordered : {false, true}) {
    ravel::pipeline p;
    const auto out = p.map(endless(p), [](int n) { if (n == 50) throw std::runtime_error("fifty"); return n; }, {.workers = 3, .ordered = ordered});
    p.sink(out, [](int) {});
    try {
      p.wait();
      ADD_FAILURE() << "did not throw";
    } catch (const std::runtime_error& e) { EXPECT_STREQ(e.what(), "fifty"); }
    EXPECT_TRUE(p.ctx().err());
  }
}

TEST(pipeline, exceptions_of_any_type_and_of_sources_and_sinks_are_thrown) {
  {
    ravel::pipeline p;
    p.sink(p.source<int>([](auto&) { throw 5; }), [](int) {});
    EXPECT_THROW(p.wait(), int);
  }
  ravel::pipeline p;
  p.sink(endless(p), [](int) { throw std::logic_error("x"); }, {.workers = 2});
  EXPECT_THROW(p.wait(), std::logic_error);
}

TEST(pipeline, goexit_ends_a_worker_alone) {
  ravel::pipeline p;
  const auto out = p.map(p.from(numbers(10)), [](int n) { if (n == 3) ravel::goexit(); return n; }, {.workers = 2});
  EXPECT_EQ(all_of(out).size(), 9u);
  EXPECT_NO_THROW(p.wait());
}

TEST(pipeline, end_of_the_context_ends_it_with_the_cause) {
  auto [ctx, cancel] = ravel::context::with_cancel_cause(ravel::context::background());
  ravel::pipeline p(ctx);
  p.sink(p.map(endless(p), [](int n) { return n; }, {.workers = 2, .ordered = true}), [&](int n) {
    if (n == 10) cancel(std::make_error_code(std::errc::io_error));
  });
  try {
    p.wait();
    ADD_FAILURE() << "did not throw";
  } catch (const std::system_error& e) { EXPECT_EQ(e.code(), std::errc::io_error); }
}

TEST(pipeline, that_was_done_before_the_end_of_its_context_is_no_error) {
  auto [ctx, cancel] = ravel::context::with_cancel(ravel::context::background());
  ravel::pipeline p(ctx);
  int sum = 0;
  p.sink(p.from(numbers(5)), [&](int n) { sum += n; });
  EXPECT_NO_THROW(p.wait());
  cancel();
  EXPECT_NO_THROW(p.wait());
  EXPECT_EQ(sum, 10);
}

TEST(pipeline, destructor_ends_stages_nobody_reads_from) {
  auto held = std::make_shared<int>(0);
  {
    ravel::pipeline p;
    const auto out = p.map(endless(p), [held](int n) { return n; }, {.workers = 3, .ordered = true});
    EXPECT_EQ(out.recv(), 0);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(pipeline, stop_is_no_error) {
  ravel::pipeline p;
  const auto out = endless(p);
  EXPECT_EQ(out.recv(), 0);
  p.stop();
  EXPECT_NO_THROW(p.wait());
}

TEST(pipeline, holds_a_bounded_number_of_elements) {
  std::atomic<int> made = 0;
  ravel::pipeline p;
  const auto in = p.source<int>([&](auto& emit) { for (int i = 0; emit(i); ++i) made = i + 1; });
  const auto out = p.map(in, [](int n) { return n; }, {.workers = 3, .capacity = 2, .ordered = true});
  for (int taken = 1; taken <= 50; ++taken) {
    out.recv();
    for (int i = 0; i < 20; ++i) ravel::yield();
    ASSERT_LE(made, taken + 3 + 2 + 2 + 1);  // window, channel, and the one in the source's hand
  }
}

TEST(pipeline, stage_without_workers_panics) {
  ravel::pipeline p;
  EXPECT_THROW(p.map(p.from(numbers(1)), [](int n) { return n; }, {.workers = 0}), ravel::panic_error);
}

}  // namespace
