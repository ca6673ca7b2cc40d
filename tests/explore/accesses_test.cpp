// Accesses to memory as scheduling points: all of them when asked, and those at places that raced once a race was found.
#include <ravel/ravel.hpp>
#include <ravel/explore.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace explore = ravel::explore;

namespace {

// A deposit between another's look and its deposit is lost.
void lost_update() {
  int balance = 0;
  ravel::wait_group wg;
  for (int i = 0; i < 2; ++i) wg.go([&] { balance = balance + 50; });
  wg.wait();
  if (balance != 100) explore::fail("a deposit is lost");
}

// No race, so no schedule may differ: each goroutine has its own.
void apart() {
  int balances[2] = {0, 0};
  ravel::wait_group wg;
  for (int i = 0; i < 2; ++i) {
    wg.go([&, i] {
      for (int k = 0; k < 3; ++k) balances[i] += 50;
    });
  }
  wg.wait();
  if (balances[0] != 150 || balances[1] != 150) explore::fail("somebody touched what is not his");
}

explore::options all_failures(const char* points, const char* strategy) {
  explore::options o;
  o.points = points;
  o.strategy = strategy;
  o.stop_on_failure = false;
  o.schedules = 300;
  return o;
}

const explore::failure* find(const explore::result& r, enum explore::kind k) {
  const auto at = std::find_if(r.failures.begin(), r.failures.end(), [k](const explore::failure& f) { return f.kind == k; });
  return at == r.failures.end() ? nullptr : &*at;
}

}  // namespace

TEST(accesses, a_lost_update_is_found_with_them_alone) {
  for (const char* strategy : {"portfolio", "random", "exhaustive", "bounded:1"}) {
    explore::options o = all_failures("accesses", strategy);
    const explore::result with = explore::run(lost_update, o);
    ASSERT_NE(find(with, explore::kind::assertion), nullptr) << strategy << ": " << with.verdict;
    EXPECT_NE(find(with, explore::kind::race), nullptr) << strategy << ": " << with.verdict;
    // Between operations on sync objects the deposits are whole, whatever the order: up to the race nothing else can be found.
    o.points = "sync";
    o.stop_on_failure = true;
    const explore::result without = explore::run(lost_update, o);
    ASSERT_EQ(without.failures.size(), 1u) << without.verdict;
    EXPECT_EQ(without.failures.front().kind, explore::kind::race);
  }
}

TEST(accesses, the_words_of_a_race_become_points_by_themselves) {
  for (const char* strategy : {"portfolio", "random", "exhaustive", "bounded:1"}) {
    const explore::result r = explore::run(lost_update, all_failures("sync", strategy));
    const explore::failure* lost = find(r, explore::kind::assertion);
    ASSERT_NE(lost, nullptr) << strategy << ": " << r.verdict;
    ASSERT_NE(find(r, explore::kind::race), nullptr) << r.verdict;
    for (int i = 0; i < 20; ++i) {
      const explore::result again = explore::replay(lost_update, lost->schedule);
      ASSERT_NE(find(again, explore::kind::assertion), nullptr) << strategy << ": " << lost->schedule << ": " << again.verdict;
    }
  }
}

TEST(accesses, a_replay_of_a_line_found_with_them_fails_again) {
  const explore::result r = explore::run(lost_update, all_failures("accesses", "random"));
  const explore::failure* lost = find(r, explore::kind::assertion);
  ASSERT_NE(lost, nullptr) << r.verdict;
  for (int i = 0; i < 100; ++i) ASSERT_FALSE(explore::replay(lost_update, lost->schedule).ok()) << lost->schedule;
}

TEST(accesses, nothing_is_found_where_nothing_is_shared) {
  for (const char* strategy : {"portfolio", "bounded:2"}) {
    const explore::result r = explore::run(apart, all_failures("accesses", strategy));
    EXPECT_TRUE(r.ok()) << r.verdict << r.failures.front().report;
  }
  explore::options o = all_failures("accesses", "exhaustive");
  const explore::result r = explore::run(apart, o);
  EXPECT_TRUE(r.ok()) << r.verdict;
  EXPECT_TRUE(r.complete) << r.verdict;
}

TEST(accesses, a_loop_that_looks_at_memory_lets_others_go_on) {
  explore::options o = all_failures("accesses", "random");
  o.schedules = 20;
  const explore::result r = explore::run([] {
    int flag = 0;
    ravel::wait_group wg;
    wg.go([&] { flag = 1; });
    while (*static_cast<volatile int*>(&flag) == 0) {}
    wg.wait();
  }, o);
  ASSERT_FALSE(r.failures.empty());
  for (const explore::failure& f : r.failures) EXPECT_EQ(f.kind, explore::kind::race) << f.message;
}
