// A block's lock excludes everybody else however it is taken: kept, taken over from a keeper, or taken plainly.
#include "detector/shadow/kept_blocks.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "detector/race/collector.hpp"
#include "detector/race/held_block.hpp"
#include "detector/shadow/shadow_map.hpp"
#include "tests/detector/scripted_detector.hpp"

namespace ravel::detector {
namespace {

class KeptBlocks : public testing::Test {
 protected:
  void SetUp() override {
    if (!blocks_are_kept) GTEST_SKIP() << "this kernel has no membarrier";
    claim_slot();
    for (kept_block& k : this_thread.kept) k = {};
  }
  std::uint32_t* word(std::size_t block) { return &words_[block]; }
  bool is_kept_by_me(std::size_t block) { return (words_[block] & block_kept) != 0 && words_[block] >> block_owner_shift == this_thread.number; }

  test::scripted_detector detector_;
  alignas(1024) std::uint32_t words_[256] = {};
};

TEST_F(KeptBlocks, AreThoseTakenThreeTimes) {
  for (int i = 0; i < 2; ++i) {
    { held_block hold(word(1)); }
    EXPECT_FALSE(is_kept_by_me(1));
    EXPECT_EQ(words_[1], block_has_tags);
  }
  { held_block hold(word(1)); }
  EXPECT_TRUE(is_kept_by_me(1));
  EXPECT_EQ(this_thread.slot->busy_with.load(), nullptr);
  { held_block hold(word(1)); EXPECT_EQ(this_thread.slot->busy_with.load(), word(1)); }
}

TEST_F(KeptBlocks, AreGivenBackForAnotherOfTheSamePlace) {
  for (int i = 0; i < 3; ++i) held_block hold(word(1));
  ASSERT_TRUE(is_kept_by_me(1));
  { held_block hold(word(1 + kept_blocks)); }
  EXPECT_EQ(words_[1], block_has_tags);
}

TEST_F(KeptBlocks, AreTakenOverOnceAndThenShared) {
  for (int i = 0; i < 3; ++i) held_block hold(word(2));
  ASSERT_TRUE(is_kept_by_me(2));
  std::thread([&] { unlock_block(word(2), lock_block(word(2))); }).join();
  EXPECT_EQ(words_[2], block_has_tags | block_is_shared);
  for (int i = 0; i < 3; ++i) held_block hold(word(2));
  EXPECT_EQ(words_[2], block_has_tags | block_is_shared);
}

TEST_F(KeptBlocks, AreTheirKeepersToLockOtherwise) {
  for (int i = 0; i < 3; ++i) held_block hold(word(3));
  ASSERT_TRUE(is_kept_by_me(3));
  const std::uint32_t bits = lock_block(word(3));
  EXPECT_EQ(bits, block_has_tags);
  unlock_block(word(3), bits | block_has_atomics);
  for (int i = 0; i < 3; ++i) held_block hold(word(3));
  EXPECT_TRUE(is_kept_by_me(3));
  EXPECT_NE(words_[3] & block_has_atomics, 0u);
}

// As where a signal handler's access comes in the middle of one.
TEST_F(KeptBlocks, AreNotKeptWhileBusyWithAnother) {
  for (int i = 0; i < 3; ++i) held_block hold(word(4));
  held_block outer(word(4));
  for (int i = 0; i < 4; ++i) held_block hold(word(5));
  EXPECT_EQ(words_[5], block_has_tags);
  EXPECT_EQ(this_thread.slot->busy_with.load(), word(4));
}

// Now and then in two halves, with others running in between.
void take_turn(std::uint64_t& count, std::uint32_t random) {
  const std::uint64_t before = count;
  if ((random >> 12) % 64 == 0) std::this_thread::yield();
  count = before + 1;
}

// Plain counters under the locks: a turn taken at the same time as another would be lost. Blocks are made unshared again and again, so that
// they are kept and taken over all the time. Words of one place, so that they are given back as well.
TEST_F(KeptBlocks, ExcludeEverybody) {
  constexpr int threads = 4, rounds = 100'000, blocks = 3;
  std::uint64_t count[blocks] = {};
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t) {
    all.emplace_back([&, t] {
      claim_slot();
      std::uint32_t random = static_cast<std::uint32_t>(t) + 1;
      for (int i = 0; i < rounds; ++i) {
        random = random * 1664525 + 1013904223;
        const std::size_t block = (random >> 16) % 64 == 0 ? (random >> 24) % blocks : static_cast<std::size_t>(t) % blocks;
        std::uint32_t* const w = word(block * kept_blocks);
        if ((random >> 10) % 8 == 0) {
          const std::uint32_t bits = lock_block(w);
          take_turn(count[block], random);
          unlock_block(w, bits & ~block_is_shared);
        } else {
          held_block hold(w);
          take_turn(count[block], random);
        }
      }
    });
  }
  for (std::thread& t : all) t.join();
  std::uint64_t sum = 0;
  for (const std::uint64_t c : count) sum += c;
  EXPECT_EQ(sum, std::uint64_t{threads} * rounds);
}

}  // namespace
}  // namespace ravel::detector
