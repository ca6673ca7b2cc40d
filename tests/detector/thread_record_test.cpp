// What a thread inherits and leaves: by records alone, without threads. A pthread_t is any number here.

#include "detector/race/thread_record.hpp"

#include <gtest/gtest.h>

#include "detector/race/goroutine_state.hpp"
#include "scripted_detector.hpp"

namespace {

using namespace ravel::detector;
using ravel::test::scripted_detector;

class thread_records : public testing::Test {
 protected:
  scripted_detector d;
  int creator = d.go(-1);
  int joiner = d.go(creator);

  goroutine_state& state(int g) { return state_of_view(d.run(g)); }

  // A clock that holds an access of `creator` made now.
  struct mark { chain_id chain; clock_time time; };
  mark now(int g) {
    goroutine_state& s = state(g);
    s.clock.begin_recording();
    return {s.clock.chain(), s.clock.time()};
  }
};

TEST_F(thread_records, a_thread_begins_with_what_its_creator_knew) {
  const mark before = now(creator);
  thread_record& r = prepare_thread(state(creator), false, __builtin_frame_address(0));
  const mark after = now(creator);
  EXPECT_TRUE(r.birth.knows(before.chain, before.time));
  EXPECT_FALSE(r.birth.knows(after.chain, after.time));
  thread_was_not_created(r);
}

TEST_F(thread_records, who_joins_learns_what_the_thread_knew_at_its_end) {
  thread_record& r = prepare_thread(state(creator), false, __builtin_frame_address(0));
  vector_clock life = r.birth;
  thread_was_created(r, 100);
  life.begin_recording();
  const mark last{life.chain(), life.time()};
  thread_ends(r, life);

  EXPECT_FALSE(state(joiner).clock.knows(last.chain, last.time));
  joinable(100).joined(state(joiner));
  EXPECT_TRUE(state(joiner).clock.knows(last.chain, last.time));
  EXPECT_FALSE(state(creator).clock.knows(last.chain, last.time));
}

TEST_F(thread_records, a_joined_thread_is_forgotten) {
  thread_record& r = prepare_thread(state(creator), false, __builtin_frame_address(0));
  vector_clock life = r.birth;
  thread_was_created(r, 101);
  life.begin_recording();
  const mark last{life.chain(), life.time()};
  thread_ends(r, life);
  joinable(101).joined(state(joiner));
  joinable(101).joined(state(creator));  // by now the number could be another thread's
  EXPECT_FALSE(state(creator).clock.knows(last.chain, last.time));
}

TEST_F(thread_records, a_number_used_again_means_the_new_thread_also_for_who_still_joins_the_old) {
  thread_record& old = prepare_thread(state(creator), false, __builtin_frame_address(0));
  vector_clock old_life = old.birth;
  thread_was_created(old, 102);
  joinable joining(102);
  old_life.begin_recording();
  const mark old_last{old_life.chain(), old_life.time()};
  thread_ends(old, old_life);

  thread_record& young = prepare_thread(state(creator), false, __builtin_frame_address(0));
  vector_clock young_life = young.birth;
  thread_was_created(young, 102);
  joining.joined(state(joiner));
  EXPECT_TRUE(state(joiner).clock.knows(old_last.chain, old_last.time));

  young_life.begin_recording();
  const mark young_last{young_life.chain(), young_life.time()};
  thread_ends(young, young_life);
  joinable(102).joined(state(joiner));
  EXPECT_TRUE(state(joiner).clock.knows(young_last.chain, young_last.time));
}

TEST_F(thread_records, a_detached_thread_is_forgotten_when_it_ends_or_is_detached_late) {
  for (const bool late : {false, true}) {
    thread_record& r = prepare_thread(state(creator), false, __builtin_frame_address(0));
    vector_clock life = r.birth;
    thread_was_created(r, 103);
    life.begin_recording();
    const mark last{life.chain(), life.time()};
    if (!late) thread_was_detached(103);
    thread_ends(r, life);
    if (late) thread_was_detached(103);
    joinable(103).joined(state(joiner));
    EXPECT_FALSE(state(joiner).clock.knows(last.chain, last.time)) << "late: " << late;
  }
}

}  // namespace
