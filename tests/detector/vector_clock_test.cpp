// What goroutines learn of each other through synchronisation objects, and when a new time begins.

#include "detector/clock/vector_clock.hpp"

#include <gtest/gtest.h>

namespace {

using namespace ravel::detector;

struct two_goroutines : testing::Test {
  vector_clock a, b;
  sync_clock lock, other;
  two_goroutines() {
    a.start(1, 1);
    b.start(2, 1);
  }
  // Records an access; returns its time.
  static clock_time access(vector_clock& g) { return g.begin_recording(); }
};

TEST_F(two_goroutines, know_nothing_of_each_other_at_first) {
  EXPECT_FALSE(b.knows(1, access(a)));
  EXPECT_TRUE(a.knows(1, a.time()));
  EXPECT_EQ(b.known(1), 0u);
}

TEST_F(two_goroutines, a_release_before_an_acquire_orders) {
  const clock_time before = access(a);
  a.release(lock);
  const clock_time after = access(a);
  EXPECT_GT(after, before);
  b.acquire(lock);
  EXPECT_TRUE(b.knows(1, before));
  EXPECT_FALSE(b.knows(1, after));
  EXPECT_FALSE(a.knows(2, access(b)));
}

TEST_F(two_goroutines, another_lock_orders_nothing) {
  const clock_time t = access(a);
  a.release(lock);
  b.acquire(other);
  EXPECT_FALSE(b.knows(1, t));
}

// meet is release and acquire through two objects, whatever the two have heard of each other and of others before.
TEST_F(two_goroutines, a_meeting_is_two_releases_and_two_acquires) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    vector_clock left[3], right[3];
    for (int side = 0; side < 3; ++side) {
      left[side].start(static_cast<chain_id>(side + 1), 1);
      right[side].start(static_cast<chain_id>(side + 1), 1);
    }
    unsigned random = seed * 2654435761u + 1;
    for (int step = 0; step < 40; ++step) {
      random = random * 1664525u + 1013904223u;
      const unsigned i = random >> 20 & 1, j = 2 - (random >> 22 & 1);
      if ((random >> 24 & 3) == 0) {
        ASSERT_EQ(access(left[i]), access(right[i]));
      } else if (i != j) {
        vector_clock::meet(left[i], left[j]);
        sync_clock from_i, from_j;
        right[i].release(from_i);
        right[j].release(from_j);
        right[i].acquire(from_j);
        right[j].acquire(from_i);
      }
      for (int g = 0; g < 3; ++g) {
        for (chain_id c = 1; c <= 3; ++c) ASSERT_EQ(left[g].known(c), right[g].known(c)) << "seed " << seed << " step " << step;
      }
    }
  }
}

TEST_F(two_goroutines, knowledge_passes_through_a_third) {
  vector_clock c;
  c.start(3, 1);
  const clock_time t = access(a);
  a.release(lock);
  b.acquire(lock);
  b.release(other);
  c.acquire(other);
  EXPECT_TRUE(c.knows(1, t));
}

TEST_F(two_goroutines, a_release_forgets_what_the_object_held_and_a_merge_does_not) {
  const clock_time t = access(a);
  vector_clock c, d;
  c.start(3, 1);
  d.start(4, 1);
  a.release(lock);
  a.release(other);
  b.release(lock);
  b.release_merge(other);
  c.acquire(lock);
  EXPECT_FALSE(c.knows(1, t));
  d.acquire(other);
  EXPECT_TRUE(d.knows(1, t));
  EXPECT_TRUE(d.knows(2, 1));
}

TEST_F(two_goroutines, a_merge_passes_on_what_was_learnt_from_others) {
  const clock_time t = access(a);
  a.release(lock);
  b.acquire(lock);
  vector_clock c, d;
  c.start(3, 1);
  d.start(4, 1);
  c.release(other);
  b.release_merge(other);
  d.acquire(other);
  EXPECT_TRUE(d.knows(1, t));
  EXPECT_TRUE(d.knows(2, 1));
  EXPECT_TRUE(d.knows(3, 1));
}

TEST_F(two_goroutines, an_exchange_passes_on_and_takes) {
  const clock_time of_a = access(a);
  a.exchange(lock);
  const clock_time of_b = access(b);
  b.exchange(lock);
  EXPECT_TRUE(b.knows(1, of_a));
  a.acquire(lock);
  EXPECT_TRUE(a.knows(2, of_b));
  vector_clock c;
  c.start(3, 1);
  c.acquire(lock);
  EXPECT_TRUE(c.knows(2, of_b));
  EXPECT_FALSE(c.knows(1, of_a)) << "what the second exchange left in the object is as before its acquire";
}

TEST_F(two_goroutines, releases_with_nothing_between_share_a_time) {
  access(a);
  a.release(lock);
  const clock_time published = a.time();
  a.release(other);
  EXPECT_EQ(a.time(), published);
  EXPECT_GT(access(a), published);
  EXPECT_EQ(access(a), a.time()) << "no new time until the next release";
}

TEST_F(two_goroutines, learning_begins_a_new_time_after_a_release) {
  b.release(other);
  a.release(lock);
  const clock_time published = a.time();
  a.acquire(other);
  EXPECT_GT(a.time(), published);
  const clock_time now = a.time();
  a.acquire(other);
  EXPECT_EQ(a.time(), now) << "nothing new was learnt";
}

TEST_F(two_goroutines, a_child_knows_what_its_parent_did_before) {
  b.release(lock);
  a.acquire(lock);
  const clock_time before = access(a);
  vector_clock child;
  child.start_child(3, 1, a);
  const clock_time after = access(a);
  EXPECT_TRUE(child.knows(1, before));
  EXPECT_TRUE(child.knows(2, 1));
  EXPECT_FALSE(child.knows(1, after));
  EXPECT_FALSE(a.knows(3, access(child)));
  child.release(other);
  b.acquire(other);
  EXPECT_TRUE(b.knows(1, before)) << "through the child";
  EXPECT_FALSE(b.knows(1, after));
}

TEST_F(two_goroutines, a_grandchild_knows_its_ancestors) {
  const clock_time of_a = access(a);
  vector_clock child, grandchild;
  child.start_child(3, 1, a);
  const clock_time of_child = access(child);
  grandchild.start_child(4, 1, child);
  EXPECT_TRUE(grandchild.knows(1, of_a));
  EXPECT_TRUE(grandchild.knows(3, of_child));
}

TEST_F(two_goroutines, the_last_significant_time_is_of_an_access_or_release) {
  EXPECT_EQ(a.last_significant(access(a)), a.time());
  a.release(lock);
  EXPECT_EQ(a.last_significant(0), a.time());
  const clock_time published = a.time();
  access(a);
  EXPECT_EQ(a.last_significant(published), published) << "a time that has begun and holds nothing need not be known";
}

TEST_F(two_goroutines, an_acquire_of_nothing_changes_nothing) {
  a.release(lock);
  const clock_time t = a.time();
  a.acquire(other);
  EXPECT_EQ(a.time(), t);
  EXPECT_TRUE(other.empty());
}

TEST(sync_clock, folds_into_a_trie) {
  sync_clock s;
  EXPECT_TRUE(s.empty());
  s.chain = 5;
  s.time = 7;
  EXPECT_FALSE(s.empty());
  s.fold();
  EXPECT_EQ(s.chain, no_chain);
  EXPECT_EQ(s.others.get(5), 7u);
  s.clear();
  EXPECT_TRUE(s.empty());
}

}  // namespace
