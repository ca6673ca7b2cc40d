// One test for each kind of end, for the commands to find.

#include <ravel/gtest.hpp>
#include <ravel/ravel.hpp>

#include <stdexcept>

using namespace ravel;

RAVEL_TEST(explored, lost_update) {
  std::atomic<int> n{0};
  wait_group both;
  for (int i = 0; i < 2; ++i) {
    both.go([&] {
      const int seen = n.load();
      n.store(seen + 1);
    });
  }
  both.wait();
  EXPECT_EQ(n.load(), 2);
}

RAVEL_TEST(explored, race) {
  int n = 0;
  wait_group both;
  for (int i = 0; i < 2; ++i) both.go([&] { ++n; });
  both.wait();
}

RAVEL_TEST(explored, passes) { yield(); }

TEST(direct, passes) {}

TEST(direct, race) {
  int n = 0;
  wait_group both;
  for (int i = 0; i < 2; ++i) both.go([&] { ++n; });
  both.wait();
}

TEST(direct, assertion) { EXPECT_EQ(1, 2); }

TEST(direct, deadlock) { make_chan<int>().recv(); }

TEST(direct, panic) {
  go([] { throw std::runtime_error("boom"); });
  make_chan<int>().recv();
}

TEST(direct, passes_after_all) {}
