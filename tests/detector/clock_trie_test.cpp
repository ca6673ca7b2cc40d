// The persistent clock against a map, and that copies share and never change each other.

#include "detector/clock/clock_trie.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace {

using namespace ravel::detector;

constexpr chain_id edges[] = {0, 1, 63, 64, 1023, 1024, 16383, 16384, 0x7FFFFFFF, 0xFFFFFFFE};

TEST(clock_trie, knows_nothing_at_first) {
  const clock_trie t;
  EXPECT_TRUE(t.empty());
  for (const chain_id c : edges) EXPECT_EQ(t.get(c), 0u);
}

TEST(clock_trie, keeps_each_entry_whatever_its_chain) {
  clock_trie t;
  clock_time time = 1;
  for (const chain_id c : edges) t.raise(c, time++);
  time = 1;
  for (const chain_id c : edges) EXPECT_EQ(t.get(c), time++) << c;
  EXPECT_EQ(t.get(2), 0u);
  EXPECT_EQ(t.get(65), 0u);
}

TEST(clock_trie, entries_never_shrink) {
  clock_trie t;
  t.raise(5, 10);
  t.raise(5, 3);
  EXPECT_EQ(t.get(5), 10u);
}

TEST(clock_trie, a_copy_is_a_thing_of_its_own) {
  clock_trie a;
  a.raise(5, 10);
  a.raise(5000, 10);
  clock_trie b = a;
  EXPECT_TRUE(a.same_as(b));
  b.raise(5, 11);
  a.raise(5000, 12);
  EXPECT_EQ(a.get(5), 10u);
  EXPECT_EQ(b.get(5), 11u);
  EXPECT_EQ(a.get(5000), 12u);
  EXPECT_EQ(b.get(5000), 10u);
  a.clear();
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(b.get(5000), 10u);
}

TEST(clock_trie, joins_of_every_pair_of_heights) {
  for (const chain_id low : edges) {
    for (const chain_id high : edges) {
      clock_trie a, b;
      a.raise(low, 3);
      a.raise(7, 9);
      b.raise(high, 4);
      b.raise(7, 8);
      a.join(b);
      EXPECT_EQ(a.get(low), low == high ? 4u : low == 7 ? 9u : 3u) << low << " " << high;
      EXPECT_EQ(a.get(high), high == 7 ? 9u : 4u) << low << " " << high;
      EXPECT_EQ(a.get(7), 9u);
      EXPECT_EQ(b.get(7), 8u);
    }
  }
}

TEST(clock_trie, a_join_with_more_knowledge_adopts_its_memory) {
  clock_trie a, b;
  for (chain_id c = 0; c < 200; ++c) b.raise(c, 2);
  for (chain_id c = 0; c < 200; c += 3) a.raise(c, 1);
  a.join(b);
  EXPECT_TRUE(a.same_as(b));
  clock_trie nothing;
  nothing.join(b);
  EXPECT_TRUE(nothing.same_as(b));
  b.join(clock_trie());
  EXPECT_TRUE(nothing.same_as(b));
}

// Ten clocks and ten maps: raises, copies, joins and clears at random, then all entries compared.
TEST(clock_trie, is_a_map_in_the_end) {
  std::mt19937 random(1);
  const auto chain = [&] { return static_cast<chain_id>(random() >> (random() % 31 + 1)); };
  std::vector<clock_trie> tries(10);
  std::vector<std::map<chain_id, clock_time>> maps(10);
  for (int step = 0; step < 20000; ++step) {
    const std::size_t i = random() % 10, j = random() % 10;
    switch (random() % 8) {
      case 0:
        tries[i] = tries[j];
        maps[i] = maps[j];
        break;
      case 1:
        tries[i].join(tries[j]);
        for (const auto& [c, t] : std::map(maps[j])) maps[i][c] = std::max(maps[i][c], t);
        break;
      case 2:
        if (random() % 16 == 0) {
          tries[i].clear();
          maps[i].clear();
        }
        break;
      default:
        const chain_id c = chain();
        const clock_time t = random() % 1000 + 1;
        tries[i].raise(c, t);
        maps[i][c] = std::max(maps[i][c], t);
    }
    if (maps[i].size() > 300) {
      tries[i].clear();
      maps[i].clear();
    }
  }
  for (std::size_t i = 0; i < 10; ++i) {
    for (const auto& [c, t] : maps[i]) ASSERT_EQ(tries[i].get(c), t) << c;
    for (int n = 0; n < 1000; ++n) {
      const chain_id c = chain();
      ASSERT_EQ(tries[i].get(c), maps[i].contains(c) ? maps[i][c] : 0u) << c;
    }
  }
}

}  // namespace
