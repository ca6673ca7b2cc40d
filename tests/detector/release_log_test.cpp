#include "detector/race/release_log.hpp"

#include <gtest/gtest.h>

namespace {

using namespace ravel::detector;
using ravel::hooks::operation;

class releases : public testing::Test {
 protected:
  ~releases() override { log_.clear(); }
  void add(clock_time first, clock_time last) {
    for (clock_time t = first; t <= last; ++t) log_.add(t, operation::mutex_unlock, t + 1000);
  }
  release_log log_;
};

TEST_F(releases, none_published_anything) { EXPECT_EQ(log_.publisher_of(1), nullptr); }

TEST_F(releases, are_found_by_the_time_they_published) {
  add(1, 40);
  for (clock_time t = 1; t <= 40; ++t) {
    const release_entry* e = log_.publisher_of(t);
    ASSERT_NE(e, nullptr) << t;
    EXPECT_EQ(e->time, t);
    EXPECT_EQ(e->stack, t + 1000);
  }
  EXPECT_EQ(log_.publisher_of(41), nullptr);
}

TEST_F(releases, the_first_of_one_time_is_its_publisher) {
  log_.add(5, operation::chan_send, 1);
  log_.add(5, operation::mutex_unlock, 2);
  log_.add(6, operation::mutex_unlock, 3);
  const release_entry* e = log_.publisher_of(5);
  ASSERT_NE(e, nullptr);
  EXPECT_EQ(e->stack, 1u);
  EXPECT_EQ(e->operation, operation::chan_send);
}

TEST_F(releases, older_than_the_last_64_are_forgotten) {
  add(1, 200);
  EXPECT_EQ(log_.publisher_of(200 - release_log::most), nullptr);
  ASSERT_NE(log_.publisher_of(201 - release_log::most), nullptr);
  EXPECT_EQ(log_.publisher_of(201 - release_log::most)->stack, 1201 - release_log::most);
  ASSERT_NE(log_.publisher_of(200), nullptr);
}

TEST_F(releases, that_are_taken_back_published_nothing) {
  for (const clock_time last : {1u, 2u, 3u, 40u, 200u}) {
    log_.clear();
    add(1, last);
    log_.take_back();
    EXPECT_EQ(log_.publisher_of(last), nullptr) << last;
    if (last > 1) EXPECT_NE(log_.publisher_of(last - 1), nullptr) << last;
    log_.add(last, operation::chan_send, 7);
    ASSERT_NE(log_.publisher_of(last), nullptr) << last;
    EXPECT_EQ(log_.publisher_of(last)->stack, 7u);
  }
}

TEST_F(releases, are_gone_after_clear) {
  add(1, 10);
  log_.clear();
  EXPECT_EQ(log_.publisher_of(3), nullptr);
  add(3, 3);
  ASSERT_NE(log_.publisher_of(3), nullptr);
}

}  // namespace
