// Tables in which equal things have one number: the hash index, stacks, lock sets, goroutines; alone and by several threads at once.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "detector/shadow/goroutine_table.hpp"
#include "detector/shadow/hash_index.hpp"
#include "detector/shadow/lock_sets.hpp"
#include "detector/shadow/stack_depot.hpp"

namespace {

using namespace ravel::detector;

constinit hash_index index_for_growth, index_for_threads, small_index;

TEST(hash_index, keeps_what_was_made_first) {
  for (std::uint32_t key = 1; key <= 100000; ++key) {
    ASSERT_EQ(index_for_growth.find(key), 0u);
    ASSERT_EQ(index_for_growth.find_or_make(key, [&] { return key + 7; }), key + 7);
  }
  for (std::uint32_t key = 1; key <= 100000; ++key) {
    ASSERT_EQ(index_for_growth.find(key), key + 7);
    ASSERT_EQ(index_for_growth.find_or_make(key, [] { ADD_FAILURE() << "made twice"; return 1u; }), key + 7);
  }
}

TEST(hash_index, has_room_for_key_zero) {
  EXPECT_EQ(small_index.find(0), 0u);
  EXPECT_EQ(small_index.find_or_make(0, [] { return 5u; }), 5u);
  EXPECT_EQ(small_index.find(0), 5u);
}

TEST(hash_index, gives_all_threads_the_same_value) {
  constexpr std::uint32_t keys = 20000;
  constexpr std::size_t threads = 4;
  std::atomic<std::uint32_t> made{0};
  std::vector<std::vector<std::uint32_t>> seen(threads, std::vector<std::uint32_t>(keys));
  std::vector<std::thread> running;
  for (std::size_t t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (std::uint32_t k = 0; k < keys; ++k) seen[t][k] = index_for_threads.find_or_make(k * 2654435761ull + 1, [&] { return ++made; });
    });
  }
  for (auto& t : running) t.join();
  EXPECT_EQ(made, keys);
  for (std::size_t t = 1; t < threads; ++t) EXPECT_EQ(seen[t], seen[0]);
}

TEST(hash_index, asks_again_under_the_lock) {
  std::atomic<bool> making{false}, asking{false};
  std::uint32_t second = 0;
  std::thread other([&] {
    while (!making) std::this_thread::yield();
    asking = true;
    second = small_index.find_or_make(77, [] { return 2u; });
  });
  const std::uint32_t first = small_index.find_or_make(77, [&] {
    making = true;
    while (!asking) std::this_thread::yield();
    // Time for the other to find nothing and come to the lock. Should it be late, the test only shows less.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return 1u;
  });
  other.join();
  EXPECT_EQ(first, 1u);
  EXPECT_EQ(second, 1u);
}

class interning : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    stack_depot::reserve();
    lock_sets::reserve();
    goroutine_table::reserve();
  }
  static std::vector<std::uintptr_t> frames(stack_id id) {
    std::vector<std::uintptr_t> out(stack_depot::frames(id, nullptr, 0));
    stack_depot::frames(id, out.data(), out.size());
    return out;
  }
};

TEST_F(interning, equal_stacks_are_one) {
  const std::vector<std::uintptr_t> inner{0x30, 0x20, 0x10}, outer{0x20, 0x10}, another{0x10, 0x20};
  const stack_id a = stack_depot::intern(inner.data(), 3), b = stack_depot::intern(outer.data(), 2), c = stack_depot::intern(another.data(), 2);
  EXPECT_EQ(stack_depot::intern(inner.data(), 3), a);
  EXPECT_NE(a, b);
  EXPECT_NE(b, c);
  EXPECT_EQ(frames(a), inner);
  EXPECT_EQ(frames(b), outer);
  EXPECT_EQ(frames(c), another);
  EXPECT_EQ(stack_depot::intern(nullptr, 0), 0u);
  EXPECT_TRUE(frames(0).empty());
}

TEST_F(interning, frames_beyond_the_room_are_counted_not_written) {
  const std::uintptr_t in[] = {3, 2, 1};
  std::uintptr_t out[] = {0, 0, 77};
  EXPECT_EQ(stack_depot::frames(stack_depot::intern(in, 3), out, 2), 3u);
  EXPECT_EQ(out[0], 3u);
  EXPECT_EQ(out[1], 2u);
  EXPECT_EQ(out[2], 77u);
}

TEST_F(interning, a_context_keeps_the_first_stack_it_was_seen_with) {
  EXPECT_EQ(stack_depot::find_context(0xABCDEF), 0u);
  stack_depot::remember_context(0xABCDEF, 5);
  stack_depot::remember_context(0xABCDEF, 6);
  EXPECT_EQ(stack_depot::find_context(0xABCDEF), 5u);
}

TEST_F(interning, equal_lock_sets_are_one) {
  int a = 0, b = 0;
  const lock_set_id one = lock_sets::with(0, &a, false, 1, 10);
  const lock_set_id both = lock_sets::with(one, &b, true, 2, 20);
  EXPECT_EQ(lock_sets::with(0, &a, false, 1, 10), one);
  EXPECT_NE(lock_sets::with(0, &a, true, 1, 10), one) << "for reading";
  EXPECT_NE(lock_sets::with(0, &a, false, 1, 11), one) << "taken elsewhere";
  EXPECT_EQ(lock_sets::at(both).lock, &b);
  EXPECT_TRUE(lock_sets::at(both).shared);
  EXPECT_EQ(lock_sets::at(both).acquired_at, 20u);
  EXPECT_EQ(lock_sets::at(both).operation, 2);
  EXPECT_EQ(lock_sets::at(both).others, one);
}

TEST_F(interning, locks_are_left_in_any_order) {
  int a = 0, b = 0, c = 0;
  const lock_set_id ab = lock_sets::with(lock_sets::with(0, &a, false, 1, 1), &b, false, 1, 2);
  EXPECT_EQ(lock_sets::without(ab, &b), lock_sets::with(0, &a, false, 1, 1));
  EXPECT_EQ(lock_sets::without(ab, &a), lock_sets::with(0, &b, false, 1, 2));
  EXPECT_EQ(lock_sets::without(ab, &c), ab);
  EXPECT_EQ(lock_sets::without(0, &a), 0u);
  const lock_set_id twice = lock_sets::with(ab, &a, true, 1, 3);
  EXPECT_EQ(lock_sets::without(twice, &a), ab) << "the newest first";
}

TEST_F(interning, goroutines_keep_what_reports_say_of_them) {
  const goroutine_index named = goroutine_table::add(7, 1, 3, "teller", 1), unnamed = goroutine_table::add(8, 0, 0, nullptr, 2);
  EXPECT_NE(named, unnamed);
  EXPECT_EQ(goroutine_table::at(named).id, 7u);
  EXPECT_EQ(goroutine_table::at(named).parent_id, 1u);
  EXPECT_EQ(goroutine_table::at(named).created_at, 3u);
  EXPECT_STREQ(goroutine_table::at(named).name, "teller");
  EXPECT_STREQ(goroutine_table::at(unnamed).name, "");
  const goroutine_index cut = goroutine_table::add(9, 0, 0, "a name that is much longer than there is room for", 3);
  EXPECT_STREQ(goroutine_table::at(cut).name, "a name that is much lo");
}

}  // namespace
