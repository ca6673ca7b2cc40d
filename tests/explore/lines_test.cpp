// Schedule lines: determinism, replay, and replay after edits of the program.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <ravel/explore.hpp>
#include <ravel/ravel.hpp>

using namespace ravel;

namespace {

// Two goroutines add one without a lock: an update is lost when one goes on between the other's load and store. `edit`: what was changed.
enum class edit { none, before, after, in_main, another_goroutine, fixed };

auto lost_update(edit e) {
  return [e] {
    std::atomic<int> counter{0}, other{0};
    wait_group all;
    if (e == edit::another_goroutine) all.go([&] { other.fetch_add(1); });
    if (e == edit::in_main) other.fetch_add(1);
    for (int i = 0; i < 2; ++i) {
      all.go([&, e] {
        if (e == edit::before) other.fetch_add(1);
        if (e == edit::fixed) {
          counter.fetch_add(1);
        } else {
          const int seen = counter.load();
          counter.store(seen + 1);
        }
        if (e == edit::after) other.fetch_add(1);
      });
    }
    all.wait();
    if (counter.load() != 2) explore::fail("lost an update");
  };
}

std::string line_of(std::uint64_t seed, const char* strategy) {
  const explore::result r = explore::run(lost_update(edit::none), {.strategy = strategy, .seed = seed});
  return r.failures.empty() ? std::string() : r.failures[0].schedule;
}

constexpr const char* strategies[] = {"portfolio", "random", "pct:3", "pos", "surw", "rf", "bounded:2"};

TEST(lines, same_seed_same_line) {
  for (const char* s : strategies) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) EXPECT_EQ(line_of(seed, s), line_of(seed, s)) << s;
  }
}

TEST(lines, one_preemption_fits_in_64_characters) {
  for (const char* s : strategies) {
    const std::string line = line_of(1, s);
    EXPECT_LE(line.size(), 64u) << line;
    EXPECT_GT(line.size(), 5u) << s;
  }
}

TEST(lines, replay_reproduces_always) {
  const std::string line = line_of(1, "random");
  for (int i = 0; i < 1000; ++i) {
    const explore::result r = explore::replay(lost_update(edit::none), line);
    ASSERT_EQ(r.schedules, 1u);
    ASSERT_EQ(r.failures.size(), 1u);
    ASSERT_EQ(r.failures[0].message, "lost an update");
  }
}

TEST(lines, replay_survives_edits) {
  for (const edit e : {edit::before, edit::after, edit::in_main, edit::another_goroutine}) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const explore::result r = explore::replay(lost_update(e), line_of(seed, "random"));
      ASSERT_EQ(r.failures.size(), 1u) << static_cast<int>(e) << " " << r.verdict;
      EXPECT_EQ(r.verdict.rfind("reproduced", 0), 0u) << r.verdict;
    }
  }
}

TEST(lines, a_fixed_program_is_not_reproduced) {
  const explore::result r = explore::replay(lost_update(edit::fixed), line_of(1, "random"));
  EXPECT_TRUE(r.failures.empty());
  EXPECT_EQ(r.verdict.rfind("diverged at ", 0), 0u) << r.verdict;
}

// Lines of the older format say where the schedule deviates.
TEST(lines, old_lines_are_followed) {
  const explore::result found = explore::run(lost_update(edit::none), {.shrink = false});  // not turned into orders
  ASSERT_EQ(found.failures[0].schedule.rfind("r1:a:", 0), 0u);
  EXPECT_EQ(explore::replay(lost_update(edit::none), found.failures[0].schedule).schedules, 1u);
}

TEST(lines, a_failure_is_explained_and_proven_minimal) {
  const explore::result r = explore::run(lost_update(edit::none));
  const std::string& text = r.failures.at(0).report;
  EXPECT_EQ(r.failures[0].schedule.rfind("r2:a:", 0), 0u) << r.failures[0].schedule;
  for (const char* part : {"minimal: 1 preemption; all ", "What matters of the schedule:\n  goroutine 1 ", "goroutine 2 ", "goroutine 3\n",
                           "atomic_load of counter lines_test.cpp:", "atomic_store of counter lines_test.cpp:", "the other way round the schedule passes."}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nis missing in\n" << text;
  }
}

TEST(lines, bad_lines_are_refused) {
  for (const char* bad : {"", "r9:a:", "r1:", "r1:a:x", "r1:a:m@", "r1:a:m@abc", "r1:a:m@abc>", "r1:a:#1", "r2:a:m.abc", "r2:a:m.abc<m", "r2:a:m.abc<m@abc", "r1:a:m@abc=x"}) {
    EXPECT_THROW(explore::replay([] {}, bad), std::invalid_argument) << bad;
  }
}

}  // namespace

std::atomic<int> asked_about{0};  // the compiler must not know what others do with it

namespace {

TEST(lines, a_program_that_asks_the_outside_is_named) {
  static int runs = 0;
  const explore::result r = explore::run(
      [] {
        if (runs++ % 2 == 0) asked_about.store(1);
        asked_about.load();
      },
      {.schedules = 10, .strategy = "check-determinism"});
  ASSERT_EQ(r.failures.size(), 1u);
  EXPECT_NE(r.failures[0].message.find("not deterministic"), std::string::npos);
}

}  // namespace
