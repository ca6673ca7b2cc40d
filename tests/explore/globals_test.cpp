// Globals that a body changes: named, put back, or left alone.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

#include <ravel/explore.hpp>
#include <ravel/ravel.hpp>

using namespace ravel;

int plain_count = 7;
std::atomic<int> atomic_count{0};
std::vector<int> grown_vector;
std::vector<int> full_vector{1, 2, 3};
const char* untouched = "as before";

namespace {

int hidden_count = 0;
int highest = 0;

// Read and written by functions of their own, so that the optimiser leaves them in memory.
[[gnu::noinline]] int add_one(int& to) { return ++to; }

class environment {
 public:
  explicit environment(const char* word) { ::setenv("RAVEL_GLOBALS", word, 1); }
  ~environment() { ::unsetenv("RAVEL_GLOBALS"); }
};

bool says(const explore::result& r, const char* text) { return r.verdict.find(text) != std::string::npos; }

TEST(globals, those_that_change_are_named) {
  plain_count = hidden_count = 7;
  const explore::result r = explore::run([] { add_one(plain_count), add_one(hidden_count); }, {.schedules = 20});
  EXPECT_EQ(plain_count, 7 + 20);
  EXPECT_TRUE(says(r, "; sequential consistency; globals that the body changes keep their values from schedule to schedule: ")) << r.verdict;
  for (const char* name : {"plain_count", "hidden_count", "(set them at its start, or RAVEL_GLOBALS=restore or keep)"}) EXPECT_TRUE(says(r, name)) << r.verdict;
  EXPECT_FALSE(says(r, "untouched")) << r.verdict;
}

TEST(globals, none_is_named_where_none_changes) {
  const explore::result r = explore::run(
      [] {
        int mine = 0;
        mutex m;
        wait_group all;
        for (int i = 0; i < 2; ++i) all.go([&] { const std::lock_guard hold(m); ++mine; });
        all.wait();
        EXPECT_EQ(mine, 2) << untouched;
      },
      {.schedules = 50});
  EXPECT_TRUE(r.verdict.ends_with("; sequential consistency")) << r.verdict;
}

TEST(globals, one_schedule_leaves_nothing_to_say) {
  EXPECT_FALSE(says(explore::run([] { add_one(plain_count); }, {.schedules = 1}), "globals"));
}

// What happens only while a global has its first value is found in any schedule.
TEST(globals, are_restored_for_each_schedule) {
  plain_count = 7;
  hidden_count = highest = 0;
  atomic_count.store(0);
  const explore::result r = explore::run(
      [] {
        wait_group all;
        for (int i = 0; i < 2; ++i) {
          all.go([] {
            const int seen = atomic_count.load();
            atomic_count.store(seen + 1);
          });
        }
        all.wait();
        if (add_one(plain_count) != 8 || add_one(hidden_count) != 1) explore::fail("left over from a schedule before");
        if (atomic_count.load() != 2) explore::fail("lost an update");
      },
      {.schedules = 300, .restore_globals = true});
  ASSERT_EQ(r.failures.size(), 1u) << r.verdict;
  EXPECT_EQ(r.failures[0].message, "lost an update");
  EXPECT_EQ(r.failures[0].schedule.substr(0, 5), "r2:a:") << "shrunk, so it failed again and again: " << r.failures[0].schedule;
  EXPECT_FALSE(says(r, "globals")) << r.verdict;
  EXPECT_EQ(plain_count, 7);
  EXPECT_EQ(atomic_count.load(), 0);
}

TEST(globals, the_environment_asks_for_it_too) {
  plain_count = 7;
  {
    const environment e("restore");
    EXPECT_FALSE(says(explore::run([] { add_one(plain_count); }, {.schedules = 20}), "globals"));
    EXPECT_EQ(plain_count, 7);
  }
  {
    const environment e("keep");
    EXPECT_FALSE(says(explore::run([] { add_one(plain_count); }, {.schedules = 20}), "globals"));
    EXPECT_EQ(plain_count, 27);
  }
  const environment e("erase");
  EXPECT_THROW(explore::run([] {}), std::invalid_argument);
}

// Replay tries schedules near the line when it does not fit: each of them begins with the same globals too.
TEST(globals, are_restored_in_replay) {
  plain_count = 7;
  const environment e("restore");
  explore::replay([] { if (add_one(plain_count) != 8) explore::fail("left over"); }, "r1:p:");
  const explore::result r = explore::replay([] { if (add_one(plain_count) != 8) explore::fail("left over"); }, "r1:a:");
  EXPECT_TRUE(r.failures.empty()) << r.verdict;
}

// The vector that was empty is put back to nothing. The other's memory may be gone: it is left as it is.
TEST(globals, what_held_heap_memory_is_named) {
  grown_vector.clear();
  grown_vector.shrink_to_fit();
  const explore::result r = explore::run(
      [] {
        if (!grown_vector.empty()) explore::fail("left over");
        grown_vector.push_back(1);
        full_vector.push_back(4);
      },
      {.schedules = 20, .leaks = false, .restore_globals = true});
  EXPECT_TRUE(r.failures.empty()) << r.failures[0].message;
  EXPECT_TRUE(grown_vector.empty());
  EXPECT_EQ(full_vector.size(), 3u + 20u);
  EXPECT_TRUE(says(r, "; globals that the body changes and that cannot be put back: full_vector (set them at its start)")) << r.verdict;
}

// Made when first used, as ever, and destroyed once.
TEST(globals, what_functions_initialise_stays) {
  static int made = 0, destroyed = 0;
  struct counted {
    counted() { add_one(made); }
    ~counted() { add_one(destroyed); }
    int used = 0;
  };
  made = 0;
  const explore::result r = explore::run(
      [] {
        static counted once;
        once.used = 1;
      },
      {.schedules = 20, .restore_globals = true});
  EXPECT_EQ(made, 0) << "a plain static variable is put back";
  EXPECT_FALSE(says(r, "once")) << r.verdict;
  const explore::result named = explore::run(
      [] {
        static counted other;
        add_one(other.used);
      },
      {.schedules = 20});
  EXPECT_TRUE(says(named, "other")) << named.verdict;
  EXPECT_EQ(made, 1);
}

}  // namespace
