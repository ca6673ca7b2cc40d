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

}  // namespace
