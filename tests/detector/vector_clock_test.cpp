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
