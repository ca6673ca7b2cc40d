// A chain is continued only by who knows all that was done under it.

#include "detector/clock/chain_pool.hpp"

#include <gtest/gtest.h>

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

}  // namespace
