// A chain is continued only by who knows all that was done under it, and forgotten only when nobody can ask for it.

#include "detector/clock/chain_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace {

using namespace ravel::detector;

chain_pool pool;

vector_clock begun(const chain_start& s) {
  vector_clock c;
  c.start(s.chain, s.first);
  return c;
}

TEST(chain_pool, fresh_chains_differ_and_none_is_zero) {
  const chain_start a = pool.fresh(), b = pool.fresh();
  EXPECT_NE(a.chain, b.chain);
  EXPECT_NE(a.chain, 0u);
  EXPECT_EQ(a.first, 1u);
}

TEST(chain_pool, a_parent_that_joined_a_finished_goroutine_goes_on_with_its_chain) {
  vector_clock parent = begun(pool.fresh()), child;
  const chain_start first = pool.for_child_of(parent);
  child.start_child(first.chain, first.first, parent);
  const clock_time recorded = child.begin_recording();
  sync_clock done;
  child.release(done);
  pool.retire(child, recorded);
  parent.acquire(done);
  const chain_start second = pool.for_child_of(parent);
  EXPECT_EQ(second.chain, first.chain);
  EXPECT_GT(second.first, recorded) << "times of one chain are never used twice";
}

TEST(chain_pool, a_parent_that_did_not_join_it_gets_another) {
  vector_clock parent = begun(pool.fresh()), child = begun(pool.fresh());
  const clock_time recorded = child.begin_recording();
  pool.retire(child, recorded);
  EXPECT_NE(pool.for_child_of(parent).chain, child.chain());
}

TEST(chain_pool, knowing_only_the_last_access_is_not_enough) {
  vector_clock parent = begun(pool.fresh()), child = begun(pool.fresh()), third = begun(pool.fresh());
  const clock_time recorded = child.begin_recording();
  sync_clock early, of_third, late;
  child.release(early);
  parent.acquire(early);
  third.release(of_third);
  child.acquire(of_third);
  child.release(late);
  pool.retire(child, recorded);
  EXPECT_TRUE(parent.knows(child.chain(), recorded));
  EXPECT_NE(pool.for_child_of(parent).chain, child.chain()) << "what it acquired later would seem known to whoever knows the new goroutine";
  parent.acquire(late);
  EXPECT_EQ(pool.for_child_of(parent).chain, child.chain());
}

TEST(chain_pool, a_chain_is_given_to_one) {
  vector_clock parent = begun(pool.fresh()), child = begun(pool.fresh());
  const clock_time recorded = child.begin_recording();
  sync_clock done;
  child.release(done);
  parent.acquire(done);
  pool.retire(child, recorded);
  EXPECT_EQ(pool.for_child_of(parent).chain, child.chain());
  EXPECT_NE(pool.for_child_of(parent).chain, child.chain());
}

TEST(chain_pool, worn_out_chains_are_left) {
  vector_clock parent = begun(pool.fresh()), old;
  const chain_start s = pool.fresh();
  old.start(s.chain, 0xF0000000);
  sync_clock done;
  old.release(done);
  parent.acquire(done);
  pool.retire(old, 0);
  EXPECT_NE(pool.for_child_of(parent).chain, s.chain);
}

TEST(chain_pool, runs_one_after_the_other_use_the_chains_of_the_first) {
  vector_clock root = begun(pool.fresh());
  chain_id chains[3] = {};
  for (int run = 0; run < 4; ++run) {
    vector_clock child[3];
    sync_clock ends;
    for (std::uint32_t i = 0; i < 3; ++i) {
      const chain_start s = pool.for_numbered_child_of(root, i + 1);
      if (run == 0) chains[i] = s.chain;
      EXPECT_EQ(s.chain, chains[i]);
      EXPECT_FALSE(root.knows(s.chain, s.first)) << "times of one chain are never used twice";
      child[i].start_child(s.chain, s.first, root);
    }
    for (std::uint32_t i = 3; i-- > 0;) {  // whatever the order they end in
      const clock_time recorded = child[i].begin_recording();
      child[i].release_merge(ends);
      pool.retire_numbered(child[i], recorded, i + 1);
    }
    root.acquire(ends);
  }
}

TEST(chain_pool, a_run_that_does_not_know_the_one_before_gets_other_chains) {
  vector_clock root = begun(pool.fresh()), stranger = begun(pool.fresh()), child;
  const chain_start s = pool.for_numbered_child_of(root, 1000);
  child.start_child(s.chain, s.first, root);
  pool.retire_numbered(child, child.begin_recording(), 1000);
  EXPECT_NE(pool.for_numbered_child_of(stranger, 1000).chain, s.chain);
}

// A goroutine that ends unknown to everybody, but for an object to which all of them tell their end.
void passes(sync_clock& told, chain_id& chain) {
  vector_clock one = begun(pool.fresh());
  chain = one.chain();
  const clock_time recorded = one.begin_recording();
  one.release_merge(told);
  pool.retire(one, recorded);
}

TEST(chain_pool, what_nobody_needs_is_forgotten_and_clocks_drop_it_when_they_grow) {
  vector_clock waiting = begun(pool.fresh());
  sync_clock told;
  chain_id first = 0, kept = 0;
  for (int i = 0; i < 200; ++i) {  // so that `first` shares its leaf with none that is in use
    chain_id chain = 0;
    passes(told, chain);
    if (i == 100) first = chain;
    if (i == 199) kept = chain;
    else chain_pool::let_go(chain);
  }
  waiting.acquire(told);
  EXPECT_TRUE(waiting.knows(first, 1));
  for (int i = 0; i < 100'000 && !chain_pool::has_forgotten(first); ++i) {
    chain_id chain = 0;
    passes(told, chain);
    chain_pool::let_go(chain);
    if (i % 100 == 0) chain_pool::forget_unused();
  }
  ASSERT_TRUE(chain_pool::has_forgotten(first));
  EXPECT_FALSE(chain_pool::has_forgotten(kept)) << "something recorded under it is left";
  chain_id chain = 0;
  passes(told, chain);
  EXPECT_EQ(told.others.get(first), 0u);
  EXPECT_EQ(told.others.get(kept), 1u);
  EXPECT_EQ(told.others.get(chain), 1u);
  EXPECT_TRUE(waiting.knows(first, 1)) << "shared leaves are never written";
  waiting.acquire(told);
  EXPECT_FALSE(waiting.knows(first, 1));
  EXPECT_TRUE(waiting.knows(kept, 1));
  EXPECT_TRUE(waiting.knows(chain, 1));
  vector_clock all_knowing = begun(pool.fresh());
  sync_clock everything;
  everything.others.raise(first, 100);
  all_knowing.acquire(everything);
  EXPECT_NE(pool.for_child_of(all_knowing).chain, first) << "a clock that kept its entry would seem to know what it was not told";
}

TEST(chain_pool, chains_that_are_found_again_are_not_forgotten) {
  const std::uint16_t before = chain_pool::times_forgotten();
  vector_clock parent = begun(pool.fresh());
  chain_id last = 0, last_of_first_round = 0;
  for (int round = 0; round < 100; ++round) {
    constexpr int width = 5000;
    std::vector<vector_clock> children(width);
    sync_clock done;
    for (vector_clock& c : children) {
      const chain_start s = pool.for_child_of(parent);
      c.start_child(s.chain, s.first, parent);
      last = std::max(last, s.chain);
    }
    for (vector_clock& c : children) {
      const clock_time recorded = c.begin_recording();
      c.release_merge(done);
      pool.retire(c, recorded);
    }
    parent.acquire(done);
    for (vector_clock& c : children) chain_pool::let_go(c.chain());
    chain_pool::forget_unused();
    if (round == 0) last_of_first_round = last;
  }
  EXPECT_EQ(last, last_of_first_round);
  EXPECT_EQ(chain_pool::times_forgotten(), before);
}

TEST(chain_pool, who_keeps_a_chain_keeps_it_from_being_forgotten) {
  sync_clock told;
  chain_id mine = 0;
  passes(told, mine);
  {
    const kept_chain keeper{mine};
    const kept_chain another = keeper;
    chain_pool::let_go(mine);
    for (int i = 0; i < 20'000; ++i) {
      chain_id chain = 0;
      passes(told, chain);
      chain_pool::let_go(chain);
      if (i % 100 == 0) chain_pool::forget_unused();
    }
    EXPECT_FALSE(chain_pool::has_forgotten(mine));
    EXPECT_EQ(told.others.get(mine), 1u);
  }
  for (int i = 0; i < 20'000; ++i) {
    chain_id chain = 0;
    passes(told, chain);
    chain_pool::let_go(chain);
    if (i % 100 == 0) chain_pool::forget_unused();
  }
  EXPECT_TRUE(chain_pool::has_forgotten(mine));
}

}  // namespace
